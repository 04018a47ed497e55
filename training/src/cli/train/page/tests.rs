//! The whole page: all in one file, in the dark too, whatever the music is called.

use harmonai_core::model::checkpoint::Card;
use harmonai_core::model::config::{Cell, Config};

use super::*;
use crate::data::corpus::Corpus;
use crate::evaluate::figures::{Bits, Figures};
use crate::train::config::TrainConfig;

fn reports(count: u32) -> Vec<EpochReport> {
    let figures = |pitch| {
        let bits = |pitch| Bits {
            pitch,
            onset_interval: 1.0,
            duration: 0.5,
            ..Bits::default()
        };
        Figures {
            plain: bits(pitch + 0.5),
            memory: bits(pitch),
        }
    };
    let report = |epoch: u32| EpochReport {
        epoch,
        step: u64::from(epoch) * 10,
        learning_rate: 1e-3 / f64::from(epoch),
        train: figures(4.0 / f64::from(epoch)),
        valid: figures(3.0 + f64::from(epoch.abs_diff(2)) / 8.0),
        best: epoch <= 2,
        seconds: 1.5,
    };
    (1..=count).map(report).collect()
}

fn html(reports: &[EpochReport], state: &RunStatus) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tunes.jsonl");
    let notes: Vec<[i64; 3]> = (0..40).map(|i| [i * 24, 60 + i % 9, 24]).collect();
    let line = format!(r#"{{"notes":{notes:?},"title":"<i>Fish</i>","split":"valid"}}"#);
    std::fs::write(&path, line).unwrap();
    let data = [path];
    let corpus = Corpus::read(&data).unwrap();
    let samples = Samples::new(folder.path(), &corpus);
    let config = Config::new(Cell::Gru, 1, 8, 4, vec![]).unwrap();
    let checkpoint = folder.path().join("last.safetensors");
    let noise = harmonai_core::model::checkpoint::Checkpoint::noise(config, 1);
    std::fs::write(&checkpoint, noise.write()).unwrap();
    for report in reports {
        samples.write(report.epoch, &checkpoint).unwrap();
    }
    let record = Record {
        config: TrainConfig::default(),
        card: Card {
            name: "A & B".into(),
            command: "training train --data \"x\"".into(),
            ..Card::default()
        },
        train: String::new(),
        valid: String::new(),
    };
    let music = music::section(&corpus, &data, "left-out.txt").unwrap();
    let before = reports.first().map(|report| report.valid);
    let page = Page {
        before: before.as_ref(),
        record: &record,
        parameters: 1234,
        reports,
        samples: &samples,
        music: &music,
        state,
        now: "2025-01-01T00:00:00Z",
    };
    page.html().unwrap()
}

#[test]
fn the_page_is_one_file_without_scripts_or_addresses() {
    let html = html(&reports(3), &RunStatus::Running);
    for expect in [
        "<title>A &amp; B: a training run</title>",
        "3 of 12 epochs are done",
        "&lt;i&gt;Fish&lt;/i&gt;",
        "<tr class=\"best\"><td>best: 2</td><td>20</td><td>5.00e-4</td>",
        "training train --data &quot;x&quot;",
        "href=\"samples/epoch-03-1.mid\"",
        "prefers-color-scheme: dark",
        "<td>before</td>",
        "1,234",
    ] {
        assert!(html.contains(expect), "{expect} in {html}");
    }
    // Every row of a table fills its columns.
    for table in html.split("<table").skip(1) {
        let table = table.split("</table>").next().unwrap();
        let columns = table.matches("<th ").count();
        for row in table.split("<tr").skip(2) {
            assert_eq!(row.matches("<td>").count(), columns, "{row}");
        }
    }
    // Three curves, three histograms, a roll for each epoch.
    assert_eq!(html.matches("<svg").count(), 9);
    assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
    let links = html.split("href=\"").skip(1);
    for link in links.chain(html.split("src=\"").skip(1)) {
        let relative = link.starts_with("samples/") || link.starts_with("left-out.txt");
        assert!(relative, "{}", &link[..40]);
    }
    assert!(!html.contains("<script") && !html.contains("<i>"));
    assert!(!html.contains("url(") && !html.contains("@import"));
}

#[test]
fn every_colour_of_a_picture_has_its_counterpart_in_the_dark() {
    let html = html(&reports(3), &RunStatus::Finished);
    let (style, body) = html.split_once("</style>").unwrap();
    let mut colours = 0;
    for name in ["fill", "stroke"] {
        for rest in body.split(&format!("{name}=\"")).skip(1) {
            let colour = rest.split('"').next().unwrap();
            if colour != "none" {
                let rule = format!("[{name}=\"{colour}\"]");
                assert!(style.contains(&rule), "{rule}");
                colours += 1;
            }
        }
    }
    assert!(colours > 100, "{colours}");
}

#[test]
fn the_page_says_how_the_run_stands() {
    let check = |state: RunStatus, epochs, expect: &str| {
        let html = html(&reports(epochs), &state);
        assert!(html.contains(expect), "{expect} in {html}");
    };
    check(RunStatus::Running, 0, "No epoch is done yet");
    check(RunStatus::Finished, 12, "Finished: 12 of 12 epochs");
    check(
        RunStatus::OutOfPatience(2),
        4,
        "Ended early: 4 of 12 epochs are done, the last 2",
    );
    check(RunStatus::Stopped, 1, "--resume goes on");
    check(RunStatus::Failed("a<b".into()), 1, "a&lt;b");
}
