//! Lists to choose from.

use super::*;

#[test]
fn a_style_is_chosen_from_those_of_the_model() {
    let mut bench = Bench::new(true);
    let names = vec!["Irish tunes".to_owned(), "Art songs".to_owned()];
    bench.app.context.params.models.loaders()[0]
        .styles()
        .put(names);
    let click = |bench: &mut Bench, text: &str| {
        let place = bench.find(text);
        bench.press(place, true, Modifiers::NONE);
        bench.press(place, false, Modifiers::NONE);
        // A list is measured in the first picture and shown in the second.
        bench.see();
        bench.see()
    };
    let open = click(&mut bench, "Any");
    assert!(!open.contains(&"Style 3".to_owned()), "{open:?}");
    let chosen = click(&mut bench, "Art songs");
    assert!(chosen.contains(&"Art songs".to_owned()), "{chosen:?}");
    assert_eq!(bench.app.context.params.style.style.value(), 2);
    let told = bench.told();
    let id = || "style".to_owned();
    assert!(
        matches!(&told[..], [Told::Begin(begin), Told::Set(set, _), Told::End(end)]
            if *begin == id() && *set == id() && *end == id()),
        "{told:?}"
    );
    // A model without styles: what was chosen is still shown, as a number.
    bench.app.context.params.models.loaders()[0]
        .styles()
        .put(Vec::new());
    assert!(bench.see().contains(&"Style 2".to_owned()));
}

#[test]
fn voices_are_a_choice_of_two() {
    let mut bench = Bench::new(true);
    for choice in ["Top voice", "All voices"] {
        let place = bench.find(choice);
        bench.press(place, true, Modifiers::NONE);
        bench.press(place, false, Modifiers::NONE);
        bench.see();
        bench.see();
    }
    use crate::params::VoicesChoice;
    let chosen = bench.app.context.params.play.voices.value();
    assert_eq!(chosen, VoicesChoice::All);
}
