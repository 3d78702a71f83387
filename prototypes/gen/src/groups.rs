//! Which constants may an argument be made of?
//!
//! ```text
//! flags prot: PROT_* !PROT_GROWS*
//! enum whence: SEEK_SET SEEK_CUR SEEK_END SEEK_DATA SEEK_HOLE
//! ```
//!
//! A word is the name of a constant, or a prefix with `*`; `!` leaves out what a prefix let in. Of two names for one
//! value the one that comes first here, or else in the alphabet, is used.

use std::collections::BTreeSet;

use crate::constants::Constant;
use crate::declaration::{self, Error};
use crate::nearest::did_you_mean;

/// Constants of one kind.
#[derive(Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Whether values are combinations of the constants.
    pub flags: bool,
    /// Names of its constants, in the order of their preference.
    pub members: Vec<String>,
    /// The line it stands on.
    pub line: usize,
}

/// Parses a text of groups.
pub fn parse(file: &str, text: &str, constants: &[Constant]) -> Result<Vec<Group>, Vec<Error>> {
    let names: BTreeSet<&str> = constants
        .iter()
        .map(|constant| constant.name.as_str())
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut errors = Vec::new();
    for (line, source) in declaration::lines(file, text).map_err(|error| vec![error])? {
        match group(source.trim(), &names) {
            Err(message) => errors.push(Error::new(file, line, message)),
            Ok(group) => {
                if groups.iter().any(|other| other.name == group.name) {
                    let message = format!("expected each group once, found `{}` again", group.name);
                    errors.push(Error::new(file, line, message));
                }
                groups.push(Group { line, ..group });
            }
        }
    }
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    if errors.is_empty() {
        Ok(groups)
    } else {
        Err(errors)
    }
}

fn group(source: &str, names: &BTreeSet<&str>) -> Result<Group, String> {
    let wrong = || format!("expected `flags NAME: …` or `enum NAME: …`, found `{source}`");
    let (head, words) = source.split_once(':').ok_or_else(wrong)?;
    let (kind, name) = head.split_once(' ').ok_or_else(wrong)?;
    let flags = match kind {
        "flags" => true,
        "enum" => false,
        _ => return Err(wrong()),
    };
    let mut members: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        let (out, pattern) = match word.strip_prefix('!') {
            Some(pattern) => (true, pattern),
            None => (false, word),
        };
        let matching: Vec<&str> = match pattern.strip_suffix('*') {
            Some(prefix) => names
                .iter()
                .copied()
                .filter(|name| name.starts_with(prefix))
                .collect(),
            None => names.get(pattern).copied().into_iter().collect(),
        };
        if matching.is_empty() {
            let nearest = did_you_mean(pattern, names.iter().copied());
            return Err(format!(
                "expected constants, found `{pattern}`, which is none{nearest}"
            ));
        }
        for found in matching {
            match members.iter().position(|member| member == found) {
                Some(at) if out => {
                    members.remove(at);
                }
                None if !out => members.push(found.to_owned()),
                None => {
                    return Err(format!(
                        "expected to leave out a member, found `{found}`, which is none"
                    ));
                }
                Some(_) => {}
            }
        }
    }
    Ok(Group {
        name: name.trim().to_owned(),
        flags,
        members,
        line: 0,
    })
}

impl Group {
    /// Its constants on an ABI. Flags: those of most bits first, so that a printer that takes them in this order finds
    /// the widest; then by value.
    pub fn on(&self, value: impl Fn(&str) -> Option<u64>) -> Vec<(&str, u64)> {
        let mut all: Vec<(&str, u64)> = Vec::new();
        for member in &self.members {
            if let Some(value) = value(member)
                && !all.iter().any(|(_, other)| *other == value)
            {
                all.push((member, value));
            }
        }
        match self.flags {
            true => all.sort_by_key(|&(_, value)| {
                let bits = value.count_ones();
                (if bits > 1 { 64 - bits } else { 64 }, value)
            }),
            false => all.sort_by_key(|&(_, value)| value as i64),
        }
        all
    }
}
