//! Which errors does an OS have, and how does it describe them?
//!
//! ```text
//! ENOENT No such file or directory
//! EWOULDBLOCK = EAGAIN
//! ```
//!
//! Their numbers are constants. An alias has no number of its own on any ABI.

use crate::declaration::{self, Error};

/// An error.
#[derive(Debug)]
pub struct Errno {
    /// Its name.
    pub name: String,
    /// How it is described, or the name it is an alias of.
    pub what: What,
    /// The line it stands on.
    pub line: usize,
}

/// What a name of an error stands for.
#[derive(Debug)]
pub enum What {
    /// An error with this description.
    Text(String),
    /// Another name of this one.
    Alias(String),
}

/// Parses a text of errors.
pub fn parse(file: &str, text: &str) -> Result<Vec<Errno>, Vec<Error>> {
    let mut all: Vec<Errno> = Vec::new();
    let mut errors = Vec::new();
    for (line, source) in declaration::lines(file, text).map_err(|error| vec![error])? {
        let Some((name, rest)) = source.trim().split_once(' ') else {
            errors.push(Error::new(
                file,
                line,
                "expected `NAME TEXT` or `NAME = NAME`",
            ));
            continue;
        };
        let what = match rest.strip_prefix("= ") {
            Some(other) => What::Alias(other.trim().to_owned()),
            None => What::Text(rest.trim().to_owned()),
        };
        if let What::Alias(other) = &what
            && !all.iter().any(|errno| errno.name == *other)
        {
            let message = format!("expected an error from above, found `{other}`");
            errors.push(Error::new(file, line, message));
        }
        if all.iter().any(|errno| errno.name == name) {
            errors.push(Error::new(
                file,
                line,
                format!("expected each error once, found `{name}` again"),
            ));
        }
        all.push(Errno {
            name: name.to_owned(),
            what,
            line,
        });
    }
    if errors.is_empty() {
        Ok(all)
    } else {
        Err(errors)
    }
}
