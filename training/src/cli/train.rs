//! `training train`: a network learns from the user's music.
//!
//! Reads the corpus, hands it to the trainer and shows how it goes. Ctrl-C stops after the batch
//! under way. Called by `main`; the trainer runs on the main thread.

mod args;
mod journal;
mod next_steps;
mod page;
mod samples;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use harmonai_core::model::checkpoint::Card;
use harmonai_core::model::vocabulary::Factor;
use harmonai_core::music::melody::Melody;
use humantime::format_rfc3339_seconds;

pub use self::args::Args;
use self::args::{NETWORK, RUN, check_same, command};
use self::journal::{Journal, REPORT};
use super::output::{count, last_part, list};
use super::progress::Display;
use super::{model, output};
use crate::data::batches::Streams;
use crate::data::corpus::{Corpus, Split};
use crate::files;
use crate::random::Noise;
use crate::train::config::TrainConfig;
use crate::train::finetune;
use crate::train::lock;
use crate::train::record::Record;
use crate::train::report::Progress;
use crate::train::run::Job;
use crate::train::trainer;

/// With fewer notes a network learns rhythm, but little of key and melody.
const ENOUGH: usize = 50_000;

/// Runs the command. `false` where it was stopped before its end.
pub fn run(args: &Args) -> Result<bool> {
    let mut job = match args.resume {
        true => resumed(args)?,
        false => new(args)?,
    };
    // Wrong numbers are told before a large corpus is read.
    job.config.check()?;
    job.config.device.open()?;
    let (corpus, mut train, mut valid) = music(&job.config, args.verbose)?;
    let base = job.base.as_ref().map(|base| &base.header.config);
    if base.is_some_and(|base| !base.predicts(Factor::Velocity)) {
        // It has never read one: to learn them from a few tunes would spoil what it knows.
        for melody in train.iter_mut().chain(&mut valid) {
            *melody = melody.without_velocities();
        }
    }
    if !args.resume {
        complete(&mut job, &corpus)?;
    }
    tell_streams(&job.config, &train)?;
    if job.base.is_none() {
        tell_amount(&train);
    }

    let stop = stop_on_ctrl_c();
    let mut display = Display::new();
    let mut journal = Journal::new(&args.out, &job.config, &corpus)?;
    let mut unkept = None;
    let data = job.config.data.clone();
    let outcome = trainer::train(
        job,
        &train,
        &valid,
        &mut |progress| {
            // The run folder is there, and is ours, from the first message on.
            if let Err(error) = journal.heed(&progress) {
                unkept = Some(error);
                // Relaxed: a flag alone, nothing is read after it on the strength of it.
                stop.store(true, Ordering::Relaxed);
            }
            if let Progress::Started { finished, .. } = progress {
                welcome(&args.out, finished);
            }
            display.show(progress);
        },
        &stop,
    );
    display.finish();
    if let Some(error) = unkept {
        return Err(error);
    }
    let closed = journal.close(&outcome);
    // What ended the run is told, whatever became of the report.
    let outcome = outcome?;
    closed?;
    output::print(&next_steps::text(&outcome, &args.out, &data, &corpus))?;
    Ok(outcome.finished)
}

/// A new run: the defaults with the command line over them.
fn new(args: &Args) -> Result<Job> {
    check_new(&args.out)?;
    if args.data.is_empty() {
        bail!("--data is missing: name the music to learn from, files or folders");
    }
    let base = args.from.as_ref().map(|from| model::load(Path::new(from)));
    let base = base.transpose()?.map(|(base, _)| base);
    let defaults = match &base {
        Some(base) => TrainConfig::finetuning(base),
        None => TrainConfig::default(),
    };
    let mut config = TrainConfig {
        name: last_part(&args.out),
        ..defaults.clone()
    };
    args.overlay(&mut config)?;
    if base.is_some() {
        check_same(&defaults, &config, &NETWORK, "the model of --from has")?;
    }
    Ok(Job {
        config,
        card: Card::default(),
        base,
        out: args.out.clone(),
        resume: false,
    })
}

/// The run in a folder, which the command line may repeat but not change.
fn resumed(args: &Args) -> Result<Job> {
    let mut job = Job::resume(&args.out)?;
    let mut asked = job.config.clone();
    args.overlay(&mut asked)?;
    check_same(&job.config, &asked, &RUN, "the run was started with")?;
    if asked.data.is_empty() {
        let out = args.out.display();
        bail!("{out} does not say where the music is; name it with --data");
    }
    job.config = asked;
    Ok(job)
}

/// Fills in what follows from the music.
fn complete(job: &mut Job, corpus: &Corpus) -> Result<()> {
    let config = &mut job.config;
    config.styles = finetune::styles(&config.styles, &corpus.styles());
    config
        .network()
        .context("the folders in --data are the styles")?;
    let unknown = |id: &&String| !config.styles.contains(id);
    match config.style_names.keys().find(unknown) {
        Some(id) if config.styles.is_empty() => {
            bail!("--style-name {id}: the music has no styles, as it lies in no folders")
        }
        Some(id) => bail!(
            "--style-name {id}: the music has {}",
            config.styles.join(", ")
        ),
        None => {}
    }
    let base = job.base.as_ref().map(|base| &base.header.card.data);
    let mut data = base.cloned().unwrap_or_default();
    data.extend(corpus.sources(Split::Train));
    job.card = Card {
        name: config.name.clone(),
        created: format_rfc3339_seconds(SystemTime::now()).to_string(),
        data,
        licence: config.licence.clone(),
        command: command(config),
        style_names: config.style_names.clone(),
        ..Card::default()
    };
    Ok(())
}

/// A flag that Ctrl-C sets; the second Ctrl-C ends the program at once.
fn stop_on_ctrl_c() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let set = ctrlc::set_handler(move || {
        // Relaxed: a flag alone; nothing is read after it on the strength of it.
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        output::tell("\nstopping after this batch; press Ctrl-C again to end at once");
    });
    if let Err(error) = set {
        output::tell(&format!("Ctrl-C will end the run at once ({error})"));
    }
    stop
}

/// What is told first of a run that begins, or goes on.
fn welcome(out: &Path, finished: bool) {
    let report = out.join(REPORT);
    let report = report.display();
    output::tell(&if finished {
        format!(
            "the run in {} had finished already; to learn more, go on from its model with --from",
            out.display()
        )
    } else {
        format!("to follow the run, open {report} and reload it after each epoch")
    });
}

/// A folder with anything in it is not trained into.
fn check_new(out: &Path) -> Result<()> {
    files::check_writable("--out", out)?;
    let Ok(mut entries) = fs::read_dir(out) else {
        return Ok(());
    };
    let folder = out.display();
    if Record::read(out).is_ok() {
        bail!("{folder} holds a run already; go on with it by --resume, or name another folder");
    }
    // What a run that was killed at its very beginning left is no run, and goes.
    let is_left = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        name == lock::FILE || files::is_part(&name.to_string_lossy())
    };
    if entries.any(|entry| !entry.as_ref().is_ok_and(is_left)) {
        bail!("--out {folder} is not empty; name a new folder for the run");
    }
    Ok(())
}

type Music = (Corpus, Vec<Melody>, Vec<Melody>);

/// The corpus with its training and validation melodies.
fn music(config: &TrainConfig, verbose: bool) -> Result<Music> {
    let mut corpus = Corpus::read(&config.data)?.without_duplicates();
    let note = corpus.balance();
    output::tell_remarks(&corpus.remarks, verbose);
    if let Some(note) = note {
        output::tell(&note);
    }
    let train = corpus.melodies(Split::Train);
    let mut valid = corpus.melodies(Split::Valid);
    if train.is_empty() {
        bail!(
            "nothing to learn from in {}: all {} are marked valid or test",
            list(&config.data),
            output::melodies(corpus.pieces.len())
        );
    }
    if valid.is_empty() {
        output::tell("there is one melody alone: the best epoch is chosen by it too");
        valid.clone_from(&train);
    }
    let amount = |melodies: &[Melody]| {
        let notes: usize = melodies.iter().map(|melody| melody.notes().len()).sum();
        format!("{} ({} notes)", count(melodies.len()), count(notes))
    };
    output::tell(&format!(
        "files: {}; melodies to learn from: {}, to choose the best epoch by: {}, kept for eval: {}",
        count(corpus.remarks.files),
        amount(&train),
        amount(&valid),
        amount(&corpus.melodies(Split::Test))
    ));
    Ok((corpus, train, valid))
}

/// Tells where there is too little music for all streams.
fn tell_streams(config: &TrainConfig, train: &[Melody]) -> Result<()> {
    let (batch, noise) = (config.batch, Noise::new(config.seed, 0));
    let streams = Streams::shuffled(train, &config.network()?, batch, config.seq_len, noise);
    let rows = streams.rows();
    if rows < batch {
        output::tell(&format!(
            "batch {rows} instead of {batch}: the music is not enough for more"
        ));
    }
    Ok(())
}

/// Tells where there is too little music to learn melody from.
fn tell_amount(train: &[Melody]) {
    let notes: usize = train.iter().map(|melody| melody.notes().len()).sum();
    if notes < ENOUGH {
        output::tell(&format!(
            "{} notes are few to learn melody from: expect the model to stray from the key. {} or \
             more are better, such as 200 songs; or go on from a model that knows more, with --from",
            count(notes),
            count(ENOUGH)
        ));
    }
}
