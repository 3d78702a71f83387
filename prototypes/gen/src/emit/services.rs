//! A trait for each section, and the way from a number to its method.

use std::fmt::Write as _;

use super::{camel, method};
use crate::model::Os;

pub(super) fn traits(text: &mut String, os: &Os) {
    *text += "/// What serves the calls: a trait for each section. A method that is not written leaves its call unserved.\n\
              pub mod services {\n    use super::{Outcome, Stop};\n";
    for (at, section) in os.sections.iter().enumerate() {
        let _ = writeln!(
            text,
            "\n    /// Section `{section}`.\n    pub trait {}<Cx> {{",
            camel(section)
        );
        for call in os
            .calls
            .iter()
            .filter(|call| call.section == at && call.known)
        {
            let _ = writeln!(
                text,
                "        /// `{}`\n        fn {}(&mut self, cx: &mut Cx, call: &super::{}) -> Outcome {{\n            \
                 let _ = (cx, call);\n            Err(Stop::Missing)\n        }}",
                call.declaration,
                method(&call.declaration.name),
                camel(&call.declaration.name),
            );
        }
        *text += "    }\n";
    }
    let all: Vec<String> = os
        .sections
        .iter()
        .map(|section| format!("{}<Cx>", camel(section)))
        .collect();
    let all = all.join(" + ");
    let _ = writeln!(
        text,
        "\n    /// All sections.\n    pub trait Services<Cx>: {all} {{}}\n    impl<Cx, K: {all}> Services<Cx> for K {{}}\n}}\n"
    );
}

pub(super) fn dispatch(text: &mut String, os: &Os) {
    *text += "/// Serves the call with index `call` among those of this operating system, as rows have it.\n\
              pub fn dispatch<Cx, K: services::Services<Cx>>(kernel: &mut K, cx: &mut Cx, call: u16, args: &Args) -> Outcome {\n    \
              match call {\n";
    for (id, call) in os.calls.iter().enumerate().filter(|(_, call)| call.known) {
        let name = &call.declaration.name;
        let _ = writeln!(
            text,
            "        {id} => kernel.{}(cx, &{}::from_args(args)),",
            method(name),
            camel(name)
        );
    }
    *text += "        _ => Err(Stop::Missing),\n    }\n}\n\n";
}
