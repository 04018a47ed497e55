//! The Generate button.

use super::*;

#[test]
fn generate_is_on_for_a_while_once_pressed() {
    let mut bench = Bench::new(true);
    let map = bench.app.context.params.param_map();
    let (_, mode, _) = map.into_iter().find(|(id, ..)| id == "mode").unwrap();
    // SAFETY: the pointer leads into the window's parameters.
    unsafe { mode._internal_set_normalized_value(2.0 / 3.0) };
    let at = bench.find("Generate");
    bench.press(at, true, Modifiers::NONE);
    bench.press(at, false, Modifiers::NONE);
    let on = || Told::Set("generate".to_owned(), 1.0);
    assert!(
        bench.app.context.params.play.generate.value(),
        "a short press is held"
    );
    (0..8).for_each(|_| drop(bench.see()));
    let told = bench.told();
    assert!(told.len() == 6, "{told:?}");
    assert_eq!(told.iter().filter(|told| **told == on()).count(), 1);
    assert_eq!(told.last(), Some(&Told::End("generate".to_owned())));
    assert!(!bench.app.context.params.play.generate.value());
}

#[test]
fn what_the_host_holds_on_stays_on() {
    let mut bench = Bench::new(true);
    let map = bench.app.context.params.param_map();
    for name in ["mode", "generate"] {
        let (_, param, _) = map.iter().find(|(id, ..)| id == name).unwrap();
        // SAFETY: as above.
        unsafe { param._internal_set_normalized_value(1.0) };
    }
    (0..8).for_each(|_| drop(bench.see()));
    assert_eq!(bench.told(), []);
    assert!(bench.app.context.params.play.generate.value());
}
