//! What there is to say: good news goes, trouble stays, and neither by colour alone.

use egui_kittest::kittest::Queryable;

use super::harness::EditorHarness;

#[test]
fn good_news_goes_by_itself_and_trouble_stays() {
    let mut editor = EditorHarness::new(1.0);
    let sees = |editor: &EditorHarness, text: &str| editor.harness.query_by_label(text).is_some();
    let engine = editor.app.borrow().context.engine.clone();
    engine.messages().set_trouble("Cannot read the model.");
    editor.look();
    assert!(sees(&editor, "Trouble") && sees(&editor, "Cannot read the model."));
    engine.messages().set_good("Saved a.mid.");
    editor.look();
    assert!(sees(&editor, "Done") && sees(&editor, "Saved a.mid."));
    // A step of the harness is a quarter of a second.
    editor.harness.run_steps(40);
    assert!(!sees(&editor, "Saved a.mid."));
    assert!(sees(&editor, "Trouble") && sees(&editor, "Cannot read the model."));
    editor.harness.run_steps(400);
    assert!(sees(&editor, "Cannot read the model."));
}

#[test]
fn good_news_can_be_dismissed_and_leaves_trouble_to_be_dismissed() {
    let mut editor = EditorHarness::new(1.0);
    let engine = editor.app.borrow().context.engine.clone();
    engine.messages().set_trouble("Cannot read the model.");
    engine.messages().set_good("Saved a.mid.");
    editor.look();
    editor.harness.get_by_label("Dismiss the message").click();
    editor.look();
    assert_eq!(engine.messages().good(), None);
    assert_eq!(engine.messages().trouble(), "Cannot read the model.");
    editor.harness.get_by_label("Dismiss the message").click();
    editor.look();
    assert_eq!(engine.messages().trouble(), "");
}
