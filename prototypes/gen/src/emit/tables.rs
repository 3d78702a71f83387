//! Numbers of each ABI, and the ABI itself.

use std::fmt::Write as _;

use super::facts;
use crate::model::{Abi, Os, Row};

/// A hole of at least so many numbers starts another dense index.
const HOLE: u32 = 1024;

pub(super) fn abis(text: &mut String, os: &Os) {
    for abi in &os.abis {
        rows(text, os, abi);
        spans(text, abi);
        facts::signals(text, os, abi);
        let id = &abi.id;
        let _ = writeln!(
            text,
            "/// The ABI `{name}`.\npub static {id}: Abi = Abi {{\n    name: {name:?},\n    model: DataModel::{},\n    \
             table: &Table {{ rows: {id}_ROWS, spans: {id}_SPANS }},\n    k: &{id}_CONSTANTS,\n    \
             layouts: &{id}_LAYOUTS,\n    errnos: {id}_ERRNOS,\n    errnos_back: {id}_ERRNOS_BACK,\n    \
             groups: {id}_GROUPS,\n    signals: {id}_SIGNALS,\n}};\n",
            abi.model,
            name = abi.name,
        );
    }
    let ids: Vec<String> = os.abis.iter().map(|abi| format!("&{}", abi.id)).collect();
    let _ = writeln!(text, "/// All ABIs.\npub static ABIS: &[&Abi] = &[{}];", ids.join(", "));
}

fn rows(text: &mut String, os: &Os, abi: &Abi) {
    let _ = writeln!(text, "static {}_ROWS: &[Row] = &[", abi.id);
    for row in &abi.rows {
        let params: Vec<String> =
            row.params.iter().map(|(field, width)| format!("p({field}, Width::{width})")).collect();
        let _ = writeln!(
            text,
            "    Row {{ number: {:#x}, name: {:?}, entry: {:?}, call: {}, params: &[{}] }}, // {}",
            row.number,
            row.name,
            row.entry,
            row.call,
            params.join(", "),
            os.calls[row.call].declaration.name,
        );
    }
    *text += "];\n";
}

fn spans(text: &mut String, abi: &Abi) {
    let _ = writeln!(text, "static {}_SPANS: &[Span] = &[", abi.id);
    let mut position = 0;
    for rows in abi.rows.chunk_by(|a, b| b.number - a.number < HOLE) {
        span(text, rows, &mut position);
    }
    *text += "];\n";
}

fn span(text: &mut String, rows: &[Row], position: &mut usize) {
    let Some((first, last)) = rows.first().zip(rows.last()) else { return };
    let mut index = vec![0; (last.number - first.number) as usize + 1];
    for row in rows {
        *position += 1;
        index[(row.number - first.number) as usize] = *position;
    }
    let _ = writeln!(text, "    Span {{ base: {}, index: &{index:?} }},", first.number);
}
