//! The command line. The first word picks a command; when it is none of them, it belongs to `run`.

mod after;
mod depth;
mod diff;
mod interrupt;
mod lab;
mod lists;
mod pages;
mod progress;
mod run;
mod show;
mod trace;
mod values;

use std::error::Error as _;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser};

/// The status of a run that emu itself could not make, as env(1), timeout(1) and docker(1) have it.
const FAILED: u8 = 125;
/// What a shell shows when the reader of a pipe went away: 128 plus SIGPIPE.
const NOBODY_READS: u8 = 141;

/// What went wrong, as one line; or nothing to say.
enum Failure {
    Line(String),
    /// Nobody reads what we write.
    Quiet,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Quiet,
            _ => Failure::Line(without_number(&error.to_string())),
        }
    }
}

impl From<emu::Error> for Failure {
    fn from(error: emu::Error) -> Self {
        match error {
            emu::Error::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => {
                Failure::Quiet
            }
            other => Failure::Line(without_number(&other.to_string())),
        }
    }
}

/// Leaves out the number that Rust puts behind the host's errors: ` (os error 2)`.
fn without_number(text: &str) -> String {
    match text.split_once(" (os error ") {
        Some((before, behind)) => {
            format!(
                "{before}{}",
                behind.trim_start_matches(|c: char| c.is_ascii_digit() || c == ')')
            )
        }
        None => text.to_owned(),
    }
}

impl From<String> for Failure {
    fn from(line: String) -> Self {
        Failure::Line(line)
    }
}

/// Runs the command line.
pub(crate) fn main() -> ExitCode {
    let mut words: Vec<OsString> = std::env::args_os().collect();
    let command = words
        .get(1)
        .and_then(|word| word.to_str())
        .map(str::to_owned);
    let mut rest = |name: &str| {
        words.remove(1);
        words[0] = format!("emu {name}").into();
        std::mem::take(&mut words)
    };
    let status = match command.as_deref() {
        Some("run") => start(rest("run"), run::run),
        Some("profiles") => start(rest("profiles"), lists::profiles),
        Some("calls") => start(rest("calls"), lists::calls),
        Some("prototypes") => start(rest("prototypes"), lists::prototypes),
        Some("lab") => start(rest("lab"), lab::lab),
        Some("diff") => start(rest("diff"), diff::diff),
        Some("show") => start(rest("show"), show::show),
        Some("report") => start(rest("report"), pages::report),
        Some("summary") => start(rest("summary"), pages::summary),
        Some("schema") => start(rest("schema"), lists::schema),
        Some("help") => start(vec!["emu".into(), "--help".into()], run::run),
        _ => start(words, run::run),
    };
    ExitCode::from(match status {
        Ok(status) => status,
        Err(Failure::Quiet) => NOBODY_READS,
        Err(Failure::Line(line)) => {
            // Nothing is left to be done when standard error is closed.
            let _ = writeln!(io::stderr(), "emu: {line}");
            FAILED
        }
    })
}

fn start<P: Parser + CommandFactory + FromArgMatches>(
    words: Vec<OsString>,
    command: impl FnOnce(P) -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    match P::try_parse_from(words) {
        Ok(options) => command(options),
        Err(error) => usage(&error),
    }
}

/// Help and version are printed whole; an error becomes one line.
fn usage(error: &clap::Error) -> Result<u8, Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let mut out = io::stdout();
            write!(out, "{}", error.render())?;
            out.flush()?;
            Ok(0)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            write!(io::stderr(), "{}", error.render())?;
            Ok(FAILED)
        }
        ErrorKind::MissingRequiredArgument => Err(line("a word is missing".to_owned())),
        ErrorKind::ValueValidation => Err(value(error)),
        _ => {
            let text = error.render().to_string();
            let mut lines = text.lines().map(str::trim);
            let first = lines.next().unwrap_or("wrong usage");
            let mut told = first.strip_prefix("error: ").unwrap_or(first).to_owned();
            let tips = lines.filter_map(|line| line.strip_prefix("tip: "));
            for tip in tips.filter(|tip| tip.contains("similar")) {
                told.push_str("; ");
                told.push_str(tip);
            }
            Err(line(told))
        }
    }
}

fn line(told: String) -> Failure {
    Failure::Line(format!("{told}. Try `emu --help`."))
}

/// A value that its parser refused: the parser's own words.
fn value(error: &clap::Error) -> Failure {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let option = context(ContextKind::InvalidArg)
        .split(' ')
        .next()
        .and_then(|option| option.split("[=").next())
        .unwrap_or_default();
    let value = context(ContextKind::InvalidValue);
    match error.source() {
        // These say all.
        Some(cause) if option.contains("PROFILE") || option == "--profile" => {
            Failure::Line(cause.to_string())
        }
        Some(cause) => Failure::Line(format!("{option} {value}: {cause}")),
        None => line(format!("{option} {value}: a wrong value")),
    }
}
