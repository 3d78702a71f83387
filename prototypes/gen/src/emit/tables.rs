//! Numbers of each ABI, and the ABI itself.

use std::fmt::Write as _;

use super::{Statics, facts};
use crate::model::{Abi, Os, Row};

/// A hole of at least so many numbers starts another dense index.
const HOLE: u32 = 1024;

pub(super) fn abis(text: &mut String, os: &Os) {
    let mut statics = Statics::default();
    for abi in &os.abis {
        let id = &abi.id;
        let rows = statics.one(text, &format!("{id}_ROWS"), "&[Row]", &rows(os, abi));
        let spans = statics.one(text, &format!("{id}_SPANS"), "&[Span]", &spans(abi));
        let (errnos, back) = facts::errnos(&mut statics, text, os, abi);
        let constants = facts::values(&mut statics, text, os, abi);
        let groups = facts::groups(&mut statics, text, os, abi);
        let layouts = facts::places(&mut statics, text, os, abi);
        let signals = facts::signals(&mut statics, text, os, abi);
        let _ = writeln!(
            text,
            "/// The ABI `{name}`.\npub static {id}: Abi = Abi {{\n    name: {name:?},\n    model: DataModel::{},\n    \
             table: &Table {{ rows: {rows}, spans: {spans} }},\n    k: &{constants},\n    layouts: &{layouts},\n    \
             errnos: {errnos},\n    errnos_back: {back},\n    groups: {groups},\n    signals: {signals},\n}};\n",
            abi.model,
            name = abi.name,
        );
    }
    let ids: Vec<String> = os.abis.iter().map(|abi| format!("&{}", abi.id)).collect();
    let _ = writeln!(
        text,
        "/// All ABIs.\npub static ABIS: &[&Abi] = &[{}];",
        ids.join(", ")
    );
}

fn rows(os: &Os, abi: &Abi) -> String {
    let mut text = "&[\n".to_owned();
    for row in &abi.rows {
        let params: Vec<String> = row
            .params
            .iter()
            .map(|(field, width)| format!("p({field}, Width::{width})"))
            .collect();
        let declared = match &row.declared {
            None => "None".to_owned(),
            Some(params) => {
                let params: Vec<String> = params
                    .iter()
                    .map(|param| format!("({:?}, {:?})", param.name, param.ty.to_string()))
                    .collect();
                format!("Some(&[{}])", params.join(", "))
            }
        };
        let _ = writeln!(
            text,
            "    // {}\n    Row {{ number: {:#x}, name: {:?}, entry: {:?}, call: {}, params: &[{}], declared: {declared} }},",
            os.calls[row.call].declaration,
            row.number,
            row.name,
            row.entry,
            row.call,
            params.join(", "),
        );
    }
    text + "]"
}

fn spans(abi: &Abi) -> String {
    let mut text = "&[\n".to_owned();
    let mut position = 0;
    for rows in abi.rows.chunk_by(|a, b| b.number - a.number < HOLE) {
        span(&mut text, rows, &mut position);
    }
    text + "]"
}

fn span(text: &mut String, rows: &[Row], position: &mut usize) {
    let Some((first, last)) = rows.first().zip(rows.last()) else {
        return;
    };
    let mut index = vec![0; (last.number - first.number) as usize + 1];
    for row in rows {
        *position += 1;
        index[(row.number - first.number) as usize] = *position;
    }
    let _ = writeln!(
        text,
        "    Span {{ base: {}, index: &{index:?} }},",
        first.number
    );
}
