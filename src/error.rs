//! Our own failures, and impossible requests. A guest's mistakes are never here.

/// Why emu can't do what was asked. Shown as one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The guest image can't be loaded.
    #[error("{0}")]
    Image(String),
    /// An option or a request that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The engine refused.
    #[error("CPU engine: {0}")]
    Cpu(String),
    /// Reading or writing on the host failed.
    #[error("{context}: {}", cause(source))]
    Io {
        /// What was being done, with the path.
        context: String,
        /// Why it failed.
        source: std::io::Error,
    },
}

impl Error {
    /// An I/O failure with its context.
    pub fn io(context: impl Into<String>, source: std::io::Error) -> Self {
        Error::Io {
            context: context.into(),
            source,
        }
    }
}

/// What failed, without the number that Rust puts behind it.
fn cause(error: &std::io::Error) -> String {
    let mut text = error.to_string();
    if let Some(at) = text.find(" (os error") {
        text.truncate(at);
    }
    text
}
