//! What does a line of a JSON trace say? As much of it as is read back.

use serde::Deserialize;

/// An argument of a call.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Argument {
    /// The kernel's name of the parameter.
    pub(crate) name: String,
    /// Its value, in hexadecimal.
    pub(crate) raw: String,
    /// What a trace shows for it; none for what the call does not look at.
    pub(crate) text: Option<String>,
    /// The string that it points to.
    pub(crate) string: Option<String>,
}

/// A line. What its kind of event has not is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Line {
    pub(crate) version: u32,
    pub(crate) event: String,
    pub(crate) id: u64,
    pub(crate) task: i64,
    pub(crate) number: u32,
    /// The call's name on the profile, and on all profiles.
    pub(crate) name: Option<String>,
    pub(crate) call: Option<String>,
    pub(crate) args: Vec<Argument>,
    pub(crate) end: Option<String>,
    pub(crate) result: Option<String>,
    pub(crate) errno: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) exited: Option<u8>,
    pub(crate) signal: Option<String>,
}

/// A number as lines have it.
pub(crate) fn number(text: &str) -> Option<u64> {
    u64::from_str_radix(text.trim_start_matches("0x"), 16).ok()
}
