use super::*;

const SMOOTHING: Smoothing = Smoothing {
    discount: 0.5,
    escape: 1.0,
};

#[test]
fn a_tune_learnt_in_one_key_is_known_in_another() {
    let mut tonic = Tonic::new(SMOOTHING);
    let alphabet = Alphabet::new((55..=80).collect());
    let tune = [60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60];
    for _ in 0..3 {
        tonic.learn(&Melody::of_quarters(&tune));
    }
    let moved = Melody::of_quarters(&tune.map(|key| key + 3));
    let mut belief = tonic.prior(&alphabet);
    let size = alphabet.size();
    let mut out = vec![0.0; size * tonic.views()];
    let mut first = 0.0;
    for (i, note) in moved.notes.iter().enumerate() {
        tonic.predict(&moved, i, &mut belief, &alphabet, &mut out);
        for view in out.chunks_exact(size) {
            assert!((view.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
        let place = alphabet.place(i32::from(note.pitch)).unwrap();
        belief.hear(place);
        match i {
            0 => first = out[place],
            10 => assert!(out[place] > 0.5 && first < 0.2, "{first}, {}", out[place]),
            _ => {}
        }
    }
    assert_eq!((belief.keys[0].last, belief.keys[0].minor), (63, false));
}

#[test]
fn what_is_forgotten_leaves_no_trace() {
    let mut tonic = Tonic::new(SMOOTHING);
    let alphabet = Alphabet::new(vec![60, 62, 64, 65, 67]);
    let (tune, other) = (
        Melody::of_quarters(&[60, 64, 62, 60]),
        Melody::of_quarters(&[67, 65, 64, 67]),
    );
    tonic.learn(&tune);
    let says = |tonic: &Tonic| {
        let mut out = vec![0.0; 5 * tonic.views()];
        let mut belief = tonic.prior(&alphabet);
        tonic.predict(&other, 0, &mut belief, &alphabet, &mut out);
        belief.hear(4);
        tonic.predict(&other, 1, &mut belief, &alphabet, &mut out);
        out
    };
    let before = says(&tonic);
    tonic.learn(&other);
    assert_ne!(says(&tonic), before);
    tonic.forget(&other);
    assert_eq!(says(&tonic), before);
}
