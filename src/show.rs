//! A binary trace, told once more: whoever listens can't tell it from the run.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use emu_profiles::Profile;

use crate::Error;
use crate::sink::Sink;
use crate::sink::binary::Reader;

/// Tells sinks the events of a trace that `--format bin` wrote. `own` is a profile that the trace may name beside those
/// that are built in. Where the trace is cut or damaged, the sinks are told what comes before, and then it is an error.
pub fn replay(
    path: &Path,
    own: Option<&'static Profile>,
    sinks: &mut [Box<dyn Sink>],
) -> Result<(), Error> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| Error::io(name.clone(), error))?;
    replay_from(&name, file, own, sinks)
}

/// The same of a trace that comes from anywhere; errors call it `name`.
pub fn replay_from(
    name: &str,
    from: impl Read,
    own: Option<&'static Profile>,
    sinks: &mut [Box<dyn Sink>],
) -> Result<(), Error> {
    let damaged = |error: io::Error, events: u64| match (error.kind(), events) {
        (io::ErrorKind::UnexpectedEof, _) => {
            Error::Usage(format!("{name}: the trace is cut behind {events} events"))
        }
        (io::ErrorKind::InvalidData, 0) => Error::Usage(format!("{name}: {error}")),
        (io::ErrorKind::InvalidData | io::ErrorKind::Other, _) => Error::Usage(format!(
            "{name}: the trace is damaged behind {events} events: {error}"
        )),
        _ => Error::io(name, error),
    };
    let mut events = 0;
    let read = || -> Result<(), Error> {
        let mut reader = Reader::new(from, own).map_err(|error| damaged(error, 0))?;
        while let Some(mut told) = reader.next().map_err(|error| damaged(error, events))? {
            events += 1;
            let call = told.call();
            for sink in &mut *sinks {
                if call.is_none_or(|info| sink.wants(info)) {
                    told.tell(|event, view| sink.event(event, view))
                        .map_err(|error| Error::io("writing the trace", error))?;
                }
            }
            if sinks.iter().any(|sink| sink.is_over()) {
                break;
            }
        }
        Ok(())
    };
    let outcome = read();
    for sink in sinks {
        sink.finish()
            .map_err(|error| Error::io("writing the trace", error))?;
    }
    outcome
}
