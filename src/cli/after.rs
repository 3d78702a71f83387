//! Options for what is looked at when a run is over: pages, pictures, a summary of what was done.

use std::path::{Path, PathBuf};

use clap::Args;
use emu::sink::{BehaviourSink, Filter, Output, PerfettoSink, ReportSink};

use super::Failure;
use super::trace::Traced;

/// What is made of a run, besides its trace.
#[derive(Debug, Args)]
pub(super) struct After {
    /// Tells on standard error, when the run is over, what the program did: suspicious acts, programs, network, files.
    #[arg(long)]
    behaviour: bool,

    /// Writes a page to look at the run: one HTML file that needs nothing but a browser.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Writes Chrome's trace events, to be seen in Perfetto, chrome://tracing or speedscope.
    #[arg(long, value_name = "FILE")]
    perfetto: Option<PathBuf>,
}

impl After {
    /// What the options ask for. `limit` bytes of a string are shown.
    pub(super) fn sinks(&self, limit: usize) -> Result<Vec<Traced>, Failure> {
        let mut all: Vec<Traced> = Vec::new();
        if let Some(path) = &self.perfetto {
            let output = file(path)?;
            let rescue = output.rescue();
            let sink = PerfettoSink::new(output, Filter::all(), limit);
            all.push((Box::new(sink), rescue));
        }
        if let Some(path) = &self.report {
            let output = file(path)?;
            let rescue = output.rescue();
            let sink = ReportSink::new(output, Filter::all(), limit);
            all.push((Box::new(sink), rescue));
        }
        if self.behaviour {
            let sink = BehaviourSink::new(Output::stderr(), Filter::all(), limit);
            all.push((Box::new(sink), None));
        }
        Ok(all)
    }
}

/// A file that is made or emptied.
pub(super) fn file(path: &Path) -> Result<Output, emu::Error> {
    Output::file(path).map_err(|error| emu::Error::io(path.display().to_string(), error))
}
