//! How wide is a C type, and which Rust type holds it?
//!
//! ```text
//! umode_t = unsigned short
//! sigset_t = opaque
//! ```
//!
//! A text gives the OS's own names; C's are known here. `opaque` types are only pointed to.

use std::collections::{BTreeMap, BTreeSet};

use crate::declaration::{self, Error, Type};
use crate::nearest::did_you_mean;

/// Names of C types and what they are.
#[derive(Debug, Default)]
pub struct Types {
    aliases: BTreeMap<String, Type>,
    opaque: BTreeSet<String>,
}

/// C's own types: the name, the variant of `Width`, the Rust type of a value, the Rust type of what a pointer leads to.
const BASIC: &[(&str, &str, &str, &str)] = &[
    ("char", "I8", "i8", "u8"),
    ("signed char", "I8", "i8", "i8"),
    ("unsigned char", "U8", "u8", "u8"),
    ("short", "I16", "i16", "i16"),
    ("unsigned short", "U16", "u16", "u16"),
    ("int", "I32", "i32", "i32"),
    ("unsigned int", "U32", "u32", "u32"),
    ("long long", "I64", "i64", "i64"),
    ("unsigned long long", "U64", "u64", "u64"),
    ("long", "Long", "i64", "Long"),
    ("unsigned long", "ULong", "u64", "ULong"),
    ("size_t", "Ptr", "u64", "ULong"),
    ("ssize_t", "IPtr", "i64", "Long"),
];

impl Types {
    /// Parses a text of types.
    pub fn parse(file: &str, text: &str) -> Result<Types, Vec<Error>> {
        let mut types = Types::default();
        let mut errors = Vec::new();
        let lines = declaration::lines(file, text).map_err(|error| vec![error])?;
        for (line, source) in lines {
            let Some((name, what)) = source.split_once('=') else {
                errors.push(Error::new(
                    file,
                    line,
                    "expected `NAME = TYPE`, found no `=`",
                ));
                continue;
            };
            let (name, what) = (name.trim().to_owned(), what.trim());
            if types.aliases.contains_key(&name) || types.opaque.contains(&name) {
                let message = format!("expected each type once, found `{name}` again");
                errors.push(Error::new(file, line, message));
            } else if what == "opaque" {
                types.opaque.insert(name);
            } else {
                let known = declaration::parse_type(what)
                    .and_then(|ty| types.width(&ty).map(|_| ty))
                    .map(|ty| types.aliases.insert(name, ty));
                if let Err(message) = known {
                    errors.push(Error::new(file, line, message));
                }
            }
        }
        if errors.is_empty() {
            Ok(types)
        } else {
            Err(errors)
        }
    }

    /// The type without names of the OS.
    pub(crate) fn resolve(&self, ty: &Type) -> Type {
        let mut ty = ty.clone();
        while let Some(alias) = self.aliases.get(&ty.base) {
            let mut pointers = alias.pointers.clone();
            pointers.extend(&ty.pointers);
            let is_const = ty.is_const || alias.is_const;
            ty = Type {
                base: alias.base.clone(),
                is_const,
                pointers,
            };
        }
        ty
    }

    /// The OS's name of what the type points to: `OBJECT_ATTRIBUTES` of `POBJECT_ATTRIBUTES`.
    pub(crate) fn element(&self, ty: &Type) -> String {
        let mut ty = ty;
        while let (true, Some(alias)) = (ty.pointers.is_empty(), self.aliases.get(&ty.base)) {
            ty = alias;
        }
        match ty.base.split_once(' ') {
            Some((_, tag)) => tag.to_owned(),
            None => ty.base.clone(),
        }
    }

    fn basic(
        &self,
        ty: &Type,
    ) -> Result<&'static (&'static str, &'static str, &'static str, &'static str), String> {
        BASIC
            .iter()
            .find(|(name, ..)| *name == ty.base)
            .ok_or_else(|| self.unknown(&ty.base))
    }

    fn unknown(&self, name: &str) -> String {
        let known = BASIC
            .iter()
            .map(|(name, ..)| *name)
            .chain(self.aliases.keys().map(String::as_str));
        format!(
            "expected a known C type, found `{name}`{}",
            did_you_mean(name, known)
        )
    }

    /// The variant of `Width` for a value of the type.
    pub fn width(&self, ty: &Type) -> Result<&'static str, String> {
        let ty = self.resolve(ty);
        if ty.is_pointer() {
            self.pointee(&ty)?;
            return Ok("Ptr");
        }
        if ty.base.starts_with("enum ") {
            return Ok("U32");
        }
        self.basic(&ty).map(|basic| basic.1)
    }

    /// The Rust type of a value. `string` says that a `char *` is NUL-terminated.
    pub fn rust(&self, ty: &Type, string: bool) -> Result<String, String> {
        let ty = self.resolve(ty);
        if ty.is_pointer() {
            let mut text = self.pointee(&ty)?;
            let char_pointers = ty.base == "char" && (string || ty.pointers.len() > 1);
            if char_pointers {
                text = "CStr".to_owned();
            }
            for _ in 0..ty.pointers.len().max(1) {
                text = format!("Ptr<{text}>");
            }
            return Ok(text);
        }
        if ty.base.starts_with("enum ") {
            return Ok("u32".to_owned());
        }
        self.basic(&ty).map(|basic| basic.2.to_owned())
    }

    /// The Rust type that all the type's pointers lead to.
    fn pointee(&self, ty: &Type) -> Result<String, String> {
        if ty.is_function() || ty.base == "void" {
            return Ok("u8".to_owned());
        }
        match self.tag(ty) {
            Some(tag) => Ok(format!("types::{tag}")),
            None => self.basic(ty).map(|basic| basic.3.to_owned()),
        }
    }

    /// The name of the structure that the type points to.
    pub fn tag(&self, ty: &Type) -> Option<String> {
        let ty = self.resolve(ty);
        match ty.base.split_once(' ') {
            Some(("struct" | "union", tag)) => Some(tag.to_owned()),
            _ => self.opaque.contains(&ty.base).then_some(ty.base),
        }
    }
}
