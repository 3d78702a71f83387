//! Which lines of a C file does an ABI's kernel see?
//!
//! Comments go, continued lines are joined, `#if`s are decided with the macros that are known. A line under a condition
//! that hangs on an unknown macro stays, and carries the macro's name.

use super::facts::Macros;

/// A line that is not known to be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: usize,
    /// Its text; directives keep theirs.
    pub(super) text: String,
    /// Macros that nobody told about and that its presence hangs on.
    pub(super) unknown: Vec<String>,
}

/// A branch of an `#if`.
struct Branch {
    /// Whether this branch is taken; `None` when unknown.
    here: Option<bool>,
    /// Whether one of the branches so far was taken.
    before: Option<bool>,
    unknown: Vec<String>,
}

/// The lines of `text` that the macros leave. Fails with a line number and what is wrong there.
pub(super) fn preprocess(text: &str, macros: &Macros) -> Result<Vec<Line>, (usize, String)> {
    let mut macros = macros.clone();
    let mut stack: Vec<Branch> = Vec::new();
    let mut lines = Vec::new();
    for (number, text) in join(&without_comments(text)) {
        let live = stack.iter().map(|branch| branch.here).fold(Some(true), and);
        let Some(directive) = text.trim_start().strip_prefix('#') else {
            if live != Some(false) && !text.trim().is_empty() {
                lines.push(Line {
                    number,
                    text,
                    unknown: unknown(&stack),
                });
            }
            continue;
        };
        let directive = directive.trim();
        let end = directive
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(directive.len());
        let (word, rest) = directive.split_at(end);
        let rest = rest.trim();
        // Conditions inside what is left out may be anything.
        let decide = |expression: &str, macros: &Macros| match live {
            Some(false) => Ok((Some(false), Vec::new())),
            _ => evaluate(expression, macros).map_err(|message| (number, message)),
        };
        match word {
            "if" | "ifdef" | "ifndef" => {
                let expression = match word {
                    "if" => rest.to_owned(),
                    "ifdef" => format!("defined({rest})"),
                    _ => format!("!defined({rest})"),
                };
                let (here, unknown) = decide(&expression, &macros)?;
                stack.push(Branch {
                    here,
                    before: here,
                    unknown,
                });
            }
            "elif" | "else" => {
                let Some(branch) = stack.last() else {
                    return Err((
                        number,
                        format!("expected `#{word}` after `#if`, found it alone"),
                    ));
                };
                let (outer, inner) = stack.split_at(stack.len() - 1);
                let outer = outer.iter().map(|branch| branch.here).fold(Some(true), and);
                let (condition, new) = match (word, outer) {
                    (_, Some(false)) => (Some(false), Vec::new()),
                    ("elif", _) if inner[0].before != Some(true) => {
                        evaluate(rest, &macros).map_err(|message| (number, message))?
                    }
                    ("elif", _) => (Some(false), Vec::new()),
                    _ => (Some(true), Vec::new()),
                };
                let here = and(branch.before.map(|before| !before), condition);
                let before = or(branch.before, condition);
                let mut unknown = branch.unknown.clone();
                unknown.extend(new);
                let at = stack.len() - 1;
                stack[at] = Branch {
                    here,
                    before,
                    unknown,
                };
            }
            "endif" => {
                let alone = "expected `#endif` after `#if`, found it alone";
                stack.pop().ok_or_else(|| (number, alone.to_owned()))?;
            }
            "define" | "undef" if live == Some(true) => {
                let end = rest
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                let (name, value) = rest.split_at(end);
                let value = (word == "define").then(|| value.trim().to_owned());
                macros.insert(name.to_owned(), value);
                lines.push(Line {
                    number,
                    text,
                    unknown: Vec::new(),
                });
            }
            "define" | "undef" if live.is_none() => {
                let name = rest
                    .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .next();
                macros.remove(name.unwrap_or(""));
                lines.push(Line {
                    number,
                    text,
                    unknown: unknown(&stack),
                });
            }
            _ => {}
        }
    }
    if !stack.is_empty() {
        return Err((
            text.lines().count(),
            "expected `#endif`, found the end of the file".to_owned(),
        ));
    }
    Ok(lines)
}

/// Macros that the lines here hang on.
fn unknown(stack: &[Branch]) -> Vec<String> {
    let open = stack.iter().filter(|branch| branch.here.is_none());
    let mut names: Vec<String> = open.flat_map(|branch| branch.unknown.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    and(a.map(|a| !a), b.map(|b| !b)).map(|neither| !neither)
}

/// Replaces comments by spaces; line breaks stay.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        kept += &rest[..at];
        rest = &rest[at..];
        let mut length = 1;
        if rest.starts_with("/*") {
            let comment = rest.find("*/").map_or(rest, |end| &rest[..end + 2]);
            kept.push(' ');
            kept.extend(comment.matches('\n'));
            rest = &rest[comment.len()..];
            continue;
        } else if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
            continue;
        } else if !rest.starts_with('/') {
            length = literal(rest);
        }
        kept += &rest[..length];
        rest = &rest[length..];
    }
    kept + rest
}

/// The length of the string or character literal that `text` starts with; one for an apostrophe that starts none.
fn literal(text: &str) -> usize {
    let quote = text.as_bytes()[0];
    let mut escaped = false;
    for (at, &byte) in text.as_bytes().iter().enumerate().skip(1) {
        match byte {
            b'\n' if !escaped => return 1,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return at + 1,
            _ => {}
        }
    }
    1
}

/// Joins lines that end with a backslash; each keeps the number of its first.
fn join(text: &str) -> Vec<(usize, String)> {
    let mut joined: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (at, line) in text.lines().enumerate() {
        let (line, goes_on) = match line.trim_end().strip_suffix('\\') {
            Some(line) => (line, true),
            None => (line, false),
        };
        match joined.last_mut() {
            Some((_, before)) if open => {
                before.push(' ');
                *before += line;
            }
            _ => joined.push((at + 1, line.to_owned())),
        }
        open = goes_on;
    }
    joined
}

/// The truth of an expression, and the macros that it is unknown for.
fn evaluate(expression: &str, macros: &Macros) -> Result<(Option<bool>, Vec<String>), String> {
    let mut parser = Expression {
        rest: expression.trim_start(),
        macros,
        unknown: Vec::new(),
        depth: 0,
    };
    let value = parser.binary(0)?;
    if !parser.rest.is_empty() {
        return Err(format!("expected an operator, found `{}`", parser.rest));
    }
    Ok(match value {
        Some(value) => (Some(value != 0), Vec::new()),
        None => (None, parser.unknown),
    })
}

struct Expression<'a> {
    rest: &'a str,
    macros: &'a Macros,
    unknown: Vec<String>,
    /// How many macros stand for another just now.
    depth: u32,
}

/// Binary operators, loosest first.
const OPERATORS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl<'a> Expression<'a> {
    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> &'a str {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        word
    }

    fn binary(&mut self, level: usize) -> Result<Option<i64>, String> {
        let Some(operators) = OPERATORS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        loop {
            let found = operators.iter().find(|operator| {
                // `|` is not half of `||`, `&` of `&&`, `<` of `<<`.
                self.rest.strip_prefix(**operator).is_some_and(|rest| {
                    operator.len() == 2
                        || !rest.starts_with(**operator)
                        || !"|&<>".contains(**operator)
                })
            });
            let Some(operator) = found else {
                return Ok(left);
            };
            self.take(operator);
            let right = self.binary(level + 1)?;
            left = match (*operator, left, right) {
                ("||", Some(a), _) | ("||", _, Some(a)) if a != 0 => Some(1),
                ("&&", Some(0), _) | ("&&", _, Some(0)) => Some(0),
                (_, Some(a), Some(b)) => Some(match *operator {
                    "||" | "&&" => i64::from(if *operator == "||" { a | b } else { a & b } != 0),
                    "|" => a | b,
                    "^" => a ^ b,
                    "&" => a & b,
                    "==" => i64::from(a == b),
                    "!=" => i64::from(a != b),
                    "<=" => i64::from(a <= b),
                    ">=" => i64::from(a >= b),
                    "<" => i64::from(a < b),
                    ">" => i64::from(a > b),
                    "<<" => a.wrapping_shl(b as u32),
                    ">>" => a.wrapping_shr(b as u32),
                    "+" => a.wrapping_add(b),
                    "-" => a.wrapping_sub(b),
                    "*" => a.wrapping_mul(b),
                    "/" => a.checked_div(b).ok_or("expected a divisor, found 0")?,
                    _ => a.checked_rem(b).ok_or("expected a divisor, found 0")?,
                }),
                _ => None,
            };
            if *operator == "&&" {
                left = left.map(|value| i64::from(value != 0));
            }
        }
    }

    fn unary(&mut self) -> Result<Option<i64>, String> {
        if self.take("!") {
            return Ok(self.unary()?.map(|value| i64::from(value == 0)));
        }
        if self.take("-") {
            return Ok(self.unary()?.map(i64::wrapping_neg));
        }
        if self.take("~") {
            return Ok(self.unary()?.map(|value| !value));
        }
        if self.take("(") {
            let value = self.binary(0)?;
            if !self.take(")") {
                return Err(format!("expected `)`, found `{}`", self.rest));
            }
            return Ok(value);
        }
        let word = self.word();
        match word.as_bytes().first() {
            None => Err(format!("expected a value, found `{}`", self.rest)),
            Some(b'0'..=b'9') => number(word).map(Some),
            // IS_REACHABLE and friends are "defined as 1 or as module".   [include/linux/kconfig.h]
            Some(_)
                if matches!(
                    word,
                    "defined" | "IS_ENABLED" | "IS_BUILTIN" | "IS_REACHABLE"
                ) =>
            {
                let open = self.take("(");
                let name = self.word();
                if open && !self.take(")") {
                    return Err(format!("expected `)`, found `{}`", self.rest));
                }
                Ok(self.known(name).map(|value| i64::from(value.is_some())))
            }
            Some(_) if self.rest.starts_with('(') => {
                self.arguments()?;
                self.unknown.push(word.to_owned());
                Ok(None)
            }
            Some(_) => match self.known(word).cloned() {
                // "All remaining identifiers are replaced with 0."   [C11 6.10.1]
                Some(None) => Ok(Some(0)),
                Some(Some(value)) if self.depth < 8 => {
                    let mut inner = Expression {
                        rest: value.trim_start(),
                        macros: self.macros,
                        unknown: Vec::new(),
                        depth: self.depth + 1,
                    };
                    let result = inner
                        .binary(0)
                        .ok()
                        .filter(|_| inner.rest.is_empty())
                        .flatten();
                    if result.is_none() {
                        self.unknown.push(word.to_owned());
                    }
                    Ok(result)
                }
                _ => Ok(None),
            },
        }
    }

    /// What is known of a macro; notes its name when nothing is.
    fn known(&mut self, name: &str) -> Option<&'a Option<String>> {
        let known = self.macros.get(name);
        if known.is_none() {
            self.unknown.push(name.to_owned());
        }
        known
    }

    /// Skips `( … )`.
    fn arguments(&mut self) -> Result<(), String> {
        let mut depth = 0;
        for (at, c) in self.rest.char_indices() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.rest = self.rest[at + 1..].trim_start();
                return Ok(());
            }
        }
        Err(format!("expected `)`, found the end of `{}`", self.rest))
    }
}

fn number(word: &str) -> Result<i64, String> {
    let digits = word.trim_end_matches(['u', 'U', 'l', 'L']);
    let value = if let Some(hex) = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
    {
        i64::from_str_radix(hex, 16)
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8)
    } else {
        digits.parse()
    };
    value.map_err(|_| format!("expected a number, found `{word}`"))
}
