//! How does a line of C become a declaration?

use super::{Declaration, Param, Type};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Number(&'a str),
    Mark(&'a str),
}

/// Tells what was found, for messages.
fn found(token: Option<Token<'_>>) -> String {
    match token {
        Some(Token::Word(text) | Token::Number(text) | Token::Mark(text)) => format!("`{text}`"),
        None => "the end of the line".to_owned(),
    }
}

fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut all = Vec::new();
    let mut rest = source.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len())
        } else if rest.starts_with("...") {
            3
        } else {
            first.len_utf8()
        };
        let (text, after) = rest.split_at(length);
        all.push(match first {
            '0'..='9' => Token::Number(text),
            'a'..='z' | 'A'..='Z' | '_' => Token::Word(text),
            _ => Token::Mark(text),
        });
        rest = after.trim_start();
    }
    all
}

/// Whether a list of words has this one.
fn is_one_of(word: &str, words: &str) -> bool {
    words.split(' ').any(|other| other == word)
}

/// Words a C type is made of.
const TYPE_WORDS: &str = "void char short int long float double signed unsigned _Bool __int8 __int16 __int32 \
    __int64 __int128 __signed__ _Complex";

/// Words that say nothing about the ABI: storage, linkage, address spaces, calling conventions of headers.
const NOISE: &str = "volatile restrict __restrict __restrict__ register static extern inline __inline __user \
    __force __iomem __rcu asmlinkage __kernel_entry NTSYSAPI NTSYSCALLAPI NTAPI WINAPI \
    __stdcall __cdecl __fastcall FAR UNALIGNED IN OUT OPTIONAL __in __out __inout __reserved \
    __in_opt __out_opt";

/// Annotations of Windows headers that may have an argument list: `_In_reads_bytes_(Length)`.
fn is_annotation(word: &str) -> bool {
    let sal = |start: &str| word.starts_with(start) && !is_one_of(word, TYPE_WORDS);
    (word.len() > 2 && word.starts_with('_') && word.ends_with('_') && !word.starts_with("__"))
        || sal("__in_")
        || sal("__out_")
        || sal("__inout_")
        || sal("__deref_")
        || word == "__attribute__"
        || word == "__declspec"
}

pub(crate) struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Parser {
            tokens: tokens(source),
            at: 0,
        }
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn after(&self, distance: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + distance).copied()
    }

    fn is(&self, mark: &str) -> bool {
        self.peek() == Some(Token::Mark(mark))
    }

    fn take(&mut self, mark: &str) -> bool {
        let there = self.is(mark);
        self.at += usize::from(there);
        there
    }

    fn wanted<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("expected {what}, found {}", found(self.peek())))
    }

    fn expect(&mut self, mark: &str) -> Result<(), String> {
        if self.take(mark) {
            Ok(())
        } else {
            self.wanted(&format!("`{mark}`"))
        }
    }

    /// A number in decimal or hexadecimal.
    pub(crate) fn number(&mut self) -> Result<u32, String> {
        let Some(Token::Number(text)) = self.peek() else {
            return self.wanted("a number");
        };
        let value = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => text.parse(),
        };
        match value {
            Ok(value) => {
                self.at += 1;
                Ok(value)
            }
            Err(_) => self.wanted("a number of at most 32 bits"),
        }
    }

    pub(crate) fn end(&self) -> Result<(), String> {
        if self.peek().is_none() {
            Ok(())
        } else {
            self.wanted("the end of the line")
        }
    }

    pub(crate) fn declaration(&mut self) -> Result<Declaration, String> {
        if let Some(Token::Number(_)) = self.peek() {
            return self.wanted("a type");
        }
        let ret = self.type_with_pointers()?;
        self.skip_noise();
        let Some(Token::Word(name)) = self.peek() else {
            return self.wanted("the name of a function");
        };
        self.at += 1;
        self.expect("(")?;
        let (params, variadic) = self.params()?;
        if !self.take(")") {
            return self.wanted("`,` or `)`");
        }
        self.expect(";")?;
        Ok(Declaration {
            ret,
            name: name.to_owned(),
            params,
            variadic,
            line: 0,
        })
    }

    /// Parameters up to, and without, the closing parenthesis.
    pub(crate) fn params(&mut self) -> Result<(Vec<Param>, bool), String> {
        let mut params: Vec<Param> = Vec::new();
        if self.peek().is_none() || self.is(")") {
            return Ok((params, false));
        }
        let void = matches!(self.peek(), Some(Token::Word("void" | "VOID")));
        if void && matches!(self.after(1), None | Some(Token::Mark(")"))) {
            self.at += 1;
            return Ok((params, false));
        }
        loop {
            if self.take("...") {
                return Ok((params, true));
            }
            let param = self.param(params.len() + 1)?;
            if params.iter().any(|other| other.name == param.name) {
                return Err(format!(
                    "expected different names, found two arguments `{}`",
                    param.name
                ));
            }
            params.push(param);
            if !self.take(",") {
                return Ok((params, false));
            }
        }
    }

    fn param(&mut self, position: usize) -> Result<Param, String> {
        let mut ty = self.type_with_pointers()?;
        let mut name = None;
        if self.is("(") && self.after(1) == Some(Token::Mark("*")) {
            (ty, name) = self.function_pointer(&ty)?;
        } else {
            self.skip_noise();
            if let Some(Token::Word(word)) = self.peek() {
                name = Some(word);
                self.at += 1;
            }
            self.skip_noise();
        }
        while self.is("[") {
            self.skip_group("[", "]")?;
            ty.pointers.push(false);
        }
        self.skip_noise();
        if ty.is_void() {
            let found = ty.declare(name.unwrap_or(""));
            return Err(format!("expected a type that has values, found `{found}`"));
        }
        if !matches!(self.peek(), None | Some(Token::Mark("," | ")"))) {
            return self.wanted("`,` or `)`");
        }
        let name = name.map_or_else(|| format!("arg{position}"), str::to_owned);
        Ok(Param { ty, name })
    }

    /// From the `(` of `(*name)(ARGS)` on.
    fn function_pointer(&mut self, ret: &Type) -> Result<(Type, Option<&'a str>), String> {
        self.expect("(")?;
        self.expect("*")?;
        let name = match self.peek() {
            Some(Token::Word(word)) => {
                self.at += 1;
                Some(word)
            }
            _ => None,
        };
        self.expect(")")?;
        self.expect("(")?;
        let (params, variadic) = self.params()?;
        if !self.take(")") {
            return self.wanted("`,` or `)`");
        }
        // Names inside have no meaning, and `arg1` would be one.
        let mut inner: Vec<String> = params.iter().map(|param| param.ty.to_string()).collect();
        if variadic {
            inner.push("...".to_owned());
        }
        if inner.is_empty() {
            inner.push("void".to_owned());
        }
        let base = format!("{} (*)({})", ret, inner.join(", "));
        Ok((Type::plain(&base), name))
    }

    fn skip_group(&mut self, open: &str, close: &str) -> Result<(), String> {
        self.expect(open)?;
        let mut depth = 1;
        while depth > 0 {
            match self.peek() {
                Some(Token::Mark(mark)) if mark == open => depth += 1,
                Some(Token::Mark(mark)) if mark == close => depth -= 1,
                None => return self.wanted(&format!("`{close}`")),
                _ => {}
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Skips annotations and words that are no part of a type. A word right before `,`, `)` or `(` may be the name that
    /// is looked for, whatever it means elsewhere, unless only an annotation can be meant.
    fn skip_noise(&mut self) {
        while let Some(Token::Word(word)) = self.peek() {
            let last = matches!(self.after(1), None | Some(Token::Mark("," | ")" | "[")));
            if is_annotation(word) {
                self.at += 1;
                if self.is("(") && self.skip_group("(", ")").is_err() {
                    return;
                }
            } else if is_one_of(word, NOISE)
                && !(last && word.chars().all(|c| c.is_ascii_lowercase()))
            {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    pub(crate) fn type_with_pointers(&mut self) -> Result<Type, String> {
        let mut is_const = false;
        let mut words: Vec<&str> = Vec::new();
        // `[in]`, `[out, optional]` of interface definitions.
        while self.is("[") {
            self.skip_group("[", "]")?;
        }
        loop {
            self.skip_noise();
            let Some(Token::Word(word)) = self.peek() else {
                break;
            };
            if word == "const" || word == "CONST" {
                is_const = true;
            } else if matches!(word, "struct" | "union" | "enum") && words.is_empty() {
                let Some(Token::Word(tag)) = self.after(1) else {
                    self.at += 1;
                    return self.wanted(&format!("the tag of the {word}"));
                };
                words.extend([word, tag]);
                self.at += 1;
            } else if words.is_empty()
                || words
                    .iter()
                    .chain([&word])
                    .all(|word| is_one_of(word, TYPE_WORDS))
            {
                words.push(if word == "VOID" { "void" } else { word });
            } else {
                break;
            }
            self.at += 1;
        }
        if words.is_empty() {
            return self.wanted("a type");
        }
        let mut pointers = Vec::new();
        loop {
            self.skip_noise();
            if self.take("*") {
                pointers.push(false);
            } else if let (Some(Token::Word("const")), Some(last)) =
                (self.peek(), pointers.last_mut())
            {
                *last = true;
                self.at += 1;
            } else {
                break;
            }
        }
        // Qualifiers of the value itself are the callee's business.
        match pointers.last_mut() {
            Some(last) => *last = false,
            None => is_const = false,
        }
        Ok(Type {
            base: spelling(&words)?,
            is_const,
            pointers,
        })
    }
}

/// The usual spelling of the type that these words name in any order.
fn spelling(words: &[&str]) -> Result<String, String> {
    let standard = [
        "signed",
        "__signed__",
        "unsigned",
        "char",
        "short",
        "int",
        "long",
    ];
    if !words.iter().all(|word| standard.contains(word)) {
        return match words {
            [one] => Ok((*one).to_owned()),
            ["struct" | "union" | "enum", _] | ["long", "double"] => Ok(words.join(" ")),
            [
                "unsigned",
                wide @ ("__int8" | "__int16" | "__int32" | "__int64" | "__int128"),
            ] => Ok(format!("unsigned {wide}")),
            _ => Err(format!("expected a type, found `{}`", words.join(" "))),
        };
    }
    let count = |word| words.iter().filter(|&&other| other == word).count();
    let sign = if count("unsigned") > 0 {
        "unsigned "
    } else {
        ""
    };
    let width = match (count("char"), count("short"), count("long")) {
        (1, 0, 0) if count("signed") + count("__signed__") > 0 => "signed char",
        (1, 0, 0) => "char",
        (0, 1, 0) => "short",
        (0, 0, 0) => "int",
        (0, 0, 1) => "long",
        (0, 0, 2) => "long long",
        _ => return Err(format!("expected a type, found `{}`", words.join(" "))),
    };
    Ok(format!("{sign}{width}"))
}
