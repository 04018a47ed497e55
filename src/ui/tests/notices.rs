//! What there is to say: good news goes, trouble stays, and neither by colour alone.

use egui_kittest::kittest::Queryable;

use super::studio::Studio;

#[test]
fn good_news_goes_by_itself_and_trouble_stays() {
    let mut studio = Studio::new(1.0);
    let sees = |studio: &Studio, text: &str| studio.harness.query_by_label(text).is_some();
    let display = studio.window.borrow().display.clone();
    display.messages().set_trouble("Cannot read the model.");
    studio.look();
    assert!(sees(&studio, "Trouble") && sees(&studio, "Cannot read the model."));
    display.messages().set_good("Saved a.mid.");
    studio.look();
    assert!(sees(&studio, "Done") && sees(&studio, "Saved a.mid."));
    // A step of the harness is a quarter of a second.
    studio.harness.run_steps(40);
    assert!(!sees(&studio, "Saved a.mid."));
    assert!(sees(&studio, "Trouble") && sees(&studio, "Cannot read the model."));
    studio.harness.run_steps(400);
    assert!(sees(&studio, "Cannot read the model."));
}

#[test]
fn good_news_can_be_dismissed_and_leaves_trouble_to_be_dismissed() {
    let mut studio = Studio::new(1.0);
    let display = studio.window.borrow().display.clone();
    display.messages().set_trouble("Cannot read the model.");
    display.messages().set_good("Saved a.mid.");
    studio.look();
    studio.harness.get_by_label("Dismiss the message").click();
    studio.look();
    assert_eq!(display.messages().good(), None);
    assert_eq!(display.messages().trouble(), "Cannot read the model.");
    studio.harness.get_by_label("Dismiss the message").click();
    studio.look();
    assert_eq!(display.messages().trouble(), "");
}
