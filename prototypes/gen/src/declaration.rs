//! What does a C function declaration say?
//!
//! ```text
//! long openat(int dfd, const char *filename, int flags, umode_t mode);
//! ```
//!
//! One declaration a line. Comments (`//`, `/* */`, `#`) and blank lines are skipped; any other line that does not
//! parse is an [`Error`].

mod parser;

use std::fmt;

pub(crate) use parser::Parser;

/// Something wrong in a text, at a line of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct Error {
    /// The file, as it was named to the parser.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What was expected, what was found.
    pub message: String,
}

impl Error {
    /// An error at a line.
    pub fn new(file: &str, line: usize, message: impl Into<String>) -> Self {
        Error {
            file: file.to_owned(),
            line,
            message: message.into(),
        }
    }
}

/// A declared function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// What it returns.
    pub ret: Type,
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Whether the parameters end with `...`.
    pub variadic: bool,
    /// The line it stands on, from 1.
    pub line: usize,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its type.
    pub ty: Type,
    /// Its name; `arg1`, `arg2`, … by position when it has none.
    pub name: String,
}

/// A C type in one spelling: `unsigned` is `unsigned int`, `char const*` is `const char *`, an array is a pointer to its
/// elements, and qualifiers of the value itself are gone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Type {
    /// The type without pointers and qualifiers: `unsigned long`, `struct stat`, `HANDLE`. Of a function pointer, the
    /// whole of it: `void (*)(int)`.
    pub base: String,
    /// Whether `base` is const.
    pub is_const: bool,
    /// One for each `*`, outermost last: whether that pointer itself is const. The last one never is.
    pub pointers: Vec<bool>,
}

impl Type {
    /// A type that is a name and nothing more.
    pub fn plain(base: &str) -> Self {
        Type {
            base: base.to_owned(),
            is_const: false,
            pointers: Vec::new(),
        }
    }

    /// Whether it is `void`.
    pub fn is_void(&self) -> bool {
        self.base == "void" && self.pointers.is_empty()
    }

    /// Whether it is a pointer, to data or to a function.
    pub fn is_pointer(&self) -> bool {
        !self.pointers.is_empty() || self.is_function()
    }

    /// Whether it is a pointer to a function.
    pub fn is_function(&self) -> bool {
        self.base.contains("(*)")
    }

    /// What it points to; nothing for a function pointer.
    pub fn pointee(&self) -> Option<Type> {
        let (_, rest) = self.pointers.split_last()?;
        Some(Type {
            pointers: rest.to_vec(),
            ..self.clone()
        })
    }

    /// The declaration of `name` with this type: `const char *filename`, `void (*handler)(int)`.
    pub fn declare(&self, name: &str) -> String {
        let mut text = String::new();
        if self.is_function() {
            let at = self.base.find("(*)").unwrap_or(0) + 2;
            return format!("{}{name}{}", &self.base[..at], &self.base[at..]);
        }
        if self.is_const {
            text += "const ";
        }
        text += &self.base;
        if !self.pointers.is_empty() || !name.is_empty() {
            text.push(' ');
        }
        for (at, &is_const) in self.pointers.iter().enumerate() {
            text.push('*');
            if is_const {
                text += "const";
                if at + 1 < self.pointers.len() || !name.is_empty() {
                    text.push(' ');
                }
            }
        }
        text + name
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.declare(""))
    }
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ty.declare(&self.name))
    }
}

impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = self.ret.declare(&self.name);
        write!(
            f,
            "{head}({});",
            Params {
                params: &self.params,
                variadic: self.variadic
            }
        )
    }
}

/// The text between the parentheses of a declaration.
#[derive(Debug)]
pub struct Params<'a> {
    /// The parameters.
    pub params: &'a [Param],
    /// Whether `...` follows.
    pub variadic: bool,
}

impl fmt::Display for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, param) in self.params.iter().enumerate() {
            write!(f, "{}{param}", if at == 0 { "" } else { ", " })?;
        }
        match (self.variadic, self.params.is_empty()) {
            (true, true) => f.write_str("..."),
            (true, false) => f.write_str(", ..."),
            (false, true) => f.write_str("void"),
            (false, false) => Ok(()),
        }
    }
}

/// Parses a text of declarations, one a line.
pub fn parse(file: &str, text: &str) -> Result<Vec<Declaration>, Error> {
    let mut all = Vec::new();
    for (line, source) in lines(file, text)? {
        let declaration =
            parse_declaration(&source).map_err(|message| Error::new(file, line, message))?;
        all.push(Declaration {
            line,
            ..declaration
        });
    }
    Ok(all)
}

/// Parses one declaration with its `;`.
pub fn parse_declaration(source: &str) -> Result<Declaration, String> {
    let mut parser = Parser::new(source);
    let declaration = parser.declaration()?;
    parser.end()?;
    Ok(declaration)
}

/// Parses a parameter list without its parentheses: `int fd, size_t count`, `void`. The flag says whether it ends
/// with `...`.
pub fn parse_params(source: &str) -> Result<(Vec<Param>, bool), String> {
    let mut parser = Parser::new(source);
    let params = parser.params()?;
    parser.end()?;
    Ok(params)
}

/// Parses a type without a name: `const char *`.
pub fn parse_type(source: &str) -> Result<Type, String> {
    let mut parser = Parser::new(source);
    let ty = parser.type_with_pointers()?;
    parser.end()?;
    Ok(ty)
}

/// The lines of a text that say something, numbered from 1, without their comments.
pub fn lines(file: &str, text: &str) -> Result<Vec<(usize, String)>, Error> {
    let mut all = Vec::new();
    let mut comment_from = None;
    for (at, source) in text.lines().enumerate() {
        let mut rest = source;
        let mut kept = String::new();
        while !rest.is_empty() {
            if comment_from.is_some() {
                match rest.find("*/") {
                    Some(end) => {
                        comment_from = None;
                        kept.push(' ');
                        rest = &rest[end + 2..];
                    }
                    None => break,
                }
                continue;
            }
            let end = [rest.find("//"), rest.find('#'), rest.find("/*")];
            match end.into_iter().flatten().min() {
                Some(end) => {
                    kept += &rest[..end];
                    if !rest[end..].starts_with("/*") {
                        break;
                    }
                    comment_from = Some(at + 1);
                    rest = &rest[end + 2..];
                }
                None => {
                    kept += rest;
                    break;
                }
            }
        }
        if !kept.trim().is_empty() {
            all.push((at + 1, kept));
        }
    }
    match comment_from {
        Some(line) => Err(Error::new(
            file,
            line,
            "expected `*/`, found the end of the text",
        )),
        None => Ok(all),
    }
}
