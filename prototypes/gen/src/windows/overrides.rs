//! Which releases declare a call otherwise than the newest one does?
//!
//! ```text
//! ..7: NTSTATUS NtWaitForWorkViaWorkerFactory(HANDLE WorkerFactoryHandle, PFILE_IO_COMPLETION_INFORMATION MiniPackets);
//! ```
//!
//! The releases up to and with the one named. Parameters are some of the signature's by name, or as many.

use super::releases::Release;
use super::sal::Annotated;
use crate::declaration::{self, Error};
use crate::nearest::did_you_mean;

/// A line.
#[derive(Debug, Clone)]
pub struct Override {
    /// The age of the newest release that declares the call so.
    pub until: usize,
    /// How it does.
    pub declaration: declaration::Declaration,
    /// The line it stands on.
    pub line: usize,
}

/// Parses a text of overrides.
pub fn parse(file: &str, text: &str, releases: &[Release]) -> Result<Vec<Override>, Error> {
    let mut all = Vec::new();
    for (line, source) in declaration::lines(file, text)? {
        let error = |message: String| Error::new(file, line, message);
        let (release, declaration) = source
            .trim()
            .strip_prefix("..")
            .and_then(|rest| rest.split_once(':'))
            .ok_or_else(|| error("expected `..RELEASE: DECLARATION;`".to_owned()))?;
        let known = releases.iter().find(|known| known.name == release);
        let until = known.map(|known| known.age).ok_or_else(|| {
            let names = releases.iter().map(|known| known.name.as_str());
            let nearest = did_you_mean(release, names);
            error(format!("expected a release, found `{release}`{nearest}"))
        })?;
        let Annotated { declaration, .. } = Annotated::parse(declaration).map_err(error)?;
        all.push(Override {
            until,
            declaration,
            line,
        });
    }
    Ok(all)
}
