//! A struct for each call, and what is known of it.

use std::fmt::Write as _;

use super::{camel, ident, snake};
use crate::model::{Call, Os, Param};

/// The expression for a field's value among `args`.
fn from_arg(param: &Param, at: usize) -> String {
    match param.rust.as_str() {
        "u64" => format!("args[{at}]"),
        rust if rust.starts_with("Ptr<") => format!("Ptr::new(args[{at}])"),
        rust => format!("args[{at}] as {rust}"),
    }
}

/// The expression for the value of a field.
fn to_arg(param: &Param, name: &str) -> String {
    match param.rust.as_str() {
        "u64" => format!("self.{name}"),
        rust if rust.starts_with("Ptr<") => format!("self.{name}.address"),
        // Signed values are sign-extended, unsigned ones zero-extended.
        _ => format!("self.{name} as u64"),
    }
}

pub(super) fn structs(text: &mut String, os: &Os) {
    *text += "/// Structures that calls point to; what is in them depends on the ABI.\n";
    *text += "pub mod types {\n    #![allow(non_camel_case_types)]\n";
    for tag in &os.tags {
        let _ = writeln!(
            text,
            "    /// `{tag}`\n    #[derive(Debug)]\n    pub enum {tag} {{}}"
        );
    }
    *text += "}\n\n";
    for (id, call) in os.calls.iter().enumerate().filter(|(_, call)| call.known) {
        one(text, id, call, os.error);
    }
}

fn one(text: &mut String, id: usize, call: &Call, error: &str) {
    let name = camel(&call.declaration.name);
    let fields: Vec<(String, &Param)> = call
        .declaration
        .params
        .iter()
        .map(|param| ident(&param.name))
        .zip(&call.params)
        .collect();
    let join = |parts: Vec<String>, with: &str| parts.join(with);
    let declared = join(
        fields
            .iter()
            .map(|(name, p)| format!("    pub {name}: {},\n", p.rust))
            .collect(),
        "",
    );
    let from = join(
        fields
            .iter()
            .enumerate()
            .map(|(at, (name, p))| format!("{name}: {}", from_arg(p, at)))
            .collect(),
        ", ",
    );
    let to = join(
        fields
            .iter()
            .enumerate()
            .map(|(at, (name, p))| format!("        args[{at}] = {};\n", to_arg(p, name)))
            .collect(),
        "",
    );
    let args = if fields.is_empty() { "_args" } else { "args" };
    let braces = if fields.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{\n{declared}}}")
    };
    let made = if fields.is_empty() {
        format!("{name} {{}}")
    } else {
        format!("{name} {{ {from} }}")
    };
    let _ = writeln!(
        text,
        "/// `{}`\n#[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub struct {name} {braces}\n\n\
         impl Call for {name} {{\n    \
             const INFO: &'static CallInfo = &CALLS[{id}];\n    \
             type Ret = Result<u64, {error}>;\n    \
             #[inline]\n    \
             fn from_args({args}: &Args) -> Self {{\n        {made}\n    }}\n    \
             #[inline]\n    \
             fn to_args(&self, {args}: &mut Args) {{\n{to}    }}\n\
         }}\n",
        call.declaration,
    );
}

pub(super) fn infos(text: &mut String, os: &Os) {
    let _ = writeln!(
        text,
        "/// How many calls there are.\npub const CALL_COUNT: usize = {};\n",
        os.calls.len()
    );
    *text += "/// All calls, sorted by name. Their `id` is their index behind that of the first.\n";
    *text += "pub static CALLS: [CallInfo; CALL_COUNT] = [\n";
    for (id, call) in os.calls.iter().enumerate() {
        let _ = writeln!(
            text,
            "    CallInfo {{ os: OS, id: OS.first() + {id}, name: {:?}, section: {:?}, ret: {:?}, ret_meaning: {}, ends: Ends::{}, classes: {}, params: &[",
            call.declaration.name,
            os.sections[call.section],
            call.declaration.ret.to_string(),
            call.ret,
            call.ends,
            classes(call),
        );
        for (declared, param) in call.declaration.params.iter().zip(&call.params) {
            let _ = writeln!(
                text,
                "        Param {{ name: {:?}, ctype: {:?}, width: Width::{}, meaning: {} }},",
                declared.name,
                declared.ty.to_string(),
                param.width,
                param.meaning,
            );
        }
        *text += "    ] },\n";
    }
    *text += "];\n\n/// Ids of calls, for tables by call.\npub mod id {\n    const FIRST: u16 = super::OS.first();\n";
    for (id, call) in os.calls.iter().enumerate() {
        let name = snake(&call.declaration.name)
            .trim_start_matches('_')
            .to_ascii_uppercase();
        let _ = writeln!(
            text,
            "    /// `{}`\n    pub const {name}: u16 = FIRST + {id};",
            call.declaration.name
        );
    }
    *text += "}\n\n";
}

fn classes(call: &Call) -> String {
    match &call.classes[..] {
        [] => "Classes::empty()".to_owned(),
        [one] => format!("Classes::{one}"),
        several => {
            let mut text = format!("Classes::{}", several[0]);
            for class in &several[1..] {
                let _ = write!(text, ".union(Classes::{class})");
            }
            text
        }
    }
}

pub(super) fn any(text: &mut String, os: &Os) {
    *text += "/// Any call.\n#[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub enum AnyCall {\n";
    for call in os.calls.iter().filter(|call| call.known) {
        let name = camel(&call.declaration.name);
        let _ = writeln!(text, "    {name}({name}),");
    }
    *text += "}\n\nimpl AnyCall {\n    /// The call with that `id` and these argument values.\n    \
              pub fn decode(id: u16, args: &Args) -> Option<AnyCall> {\n        Some(match id.wrapping_sub(OS.first()) {\n";
    for (id, call) in os.calls.iter().enumerate().filter(|(_, call)| call.known) {
        let name = camel(&call.declaration.name);
        let _ = writeln!(
            text,
            "            {id} => AnyCall::{name}({name}::from_args(args)),"
        );
    }
    *text += "            _ => return None,\n        })\n    }\n\n    \
              /// What is known of the call.\n    pub fn info(&self) -> &'static CallInfo {\n        match self {\n";
    for call in os.calls.iter().filter(|call| call.known) {
        let name = camel(&call.declaration.name);
        let _ = writeln!(text, "            AnyCall::{name}(_) => {name}::INFO,");
    }
    *text += "        }\n    }\n\n    /// Puts the fields back.\n    \
              pub fn to_args(&self, args: &mut Args) {\n        match self {\n";
    for call in os.calls.iter().filter(|call| call.known) {
        let name = camel(&call.declaration.name);
        let _ = writeln!(
            text,
            "            AnyCall::{name}(call) => call.to_args(args),"
        );
    }
    *text += "        }\n    }\n}\n\n";
}
