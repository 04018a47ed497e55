//! The other side of a comparison: a program that measures a round when it is told to, so that
//! both sides meet the same noise.

use anyhow::{Context, ensure};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

/// A program that prints a greeting, and then a line of JSON for every line it is sent.
pub struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub greeting: String,
}

impl Peer {
    pub fn start(mut command: Command) -> anyhow::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let mut peer = Self {
            input: input.context("no standard input")?,
            output: BufReader::new(output.context("no standard output")?),
            child,
            greeting: String::new(),
        };
        peer.greeting = peer
            .line()
            .with_context(|| format!("{name} did not start"))?;
        Ok(peer)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        let read = self.output.read_line(&mut line)?;
        ensure!(read > 0, "it ended: {}", self.child.wait()?);
        Ok(line.trim().to_owned())
    }

    /// Has it measure a round.
    pub fn round(&mut self) -> anyhow::Result<Value> {
        writeln!(self.input, "round")?;
        let line = self.line()?;
        serde_json::from_str(&line).with_context(|| format!("it said {line}"))
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn end(mut self) -> anyhow::Result<()> {
        drop(self.input);
        let status: ExitStatus = self.child.wait()?;
        ensure!(status.success(), "it ended badly: {status}");
        Ok(())
    }
}
