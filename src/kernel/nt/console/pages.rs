//! What do bytes of a code page stand for?   [Microsoft, Code Page Identifiers]

use encoding_rs::{Decoder, Encoding, UTF_8};
use oem_cp::code_table::{DECODING_TABLE_CP_MAP, ENCODING_TABLE_CP_MAP};

/// That of the USA under MS-DOS, which a console has at first.
pub(super) const OEM_US: u32 = 437;

/// A code page, and what a character that is written in parts has so far.
pub(super) struct Page {
    pub(super) number: u32,
    decoder: Option<Decoder>,
}

fn encoding(number: u32) -> Option<&'static Encoding> {
    match number {
        65001 => Some(UTF_8),
        number => codepage::to_encoding_no_replacement(u16::try_from(number).ok()?),
    }
}

fn is_oem(number: u32) -> bool {
    u16::try_from(number).is_ok_and(|number| DECODING_TABLE_CP_MAP.contains_key(&number))
}

impl Page {
    /// A code page; `None` when there is none of that number.
    pub(super) fn new(number: u32) -> Option<Page> {
        let decoder = encoding(number).map(|encoding| encoding.new_decoder_without_bom_handling());
        let known = decoder.is_some() || is_oem(number);
        known.then_some(Page { number, decoder })
    }

    /// Bytes as text. What they leave unfinished goes on in the next ones.
    pub(super) fn decode(&mut self, bytes: &[u8]) -> Vec<u16> {
        let Some(decoder) = &mut self.decoder else {
            let number = u16::try_from(self.number).unwrap_or(0);
            let table = DECODING_TABLE_CP_MAP.get(&number);
            let text = table.map(|table| table.decode_string_lossy(bytes));
            return text.unwrap_or_default().encode_utf16().collect();
        };
        let most = decoder.max_utf16_buffer_length(bytes.len());
        let mut units = vec![0; most.unwrap_or(2 * bytes.len() + 4)];
        let (_, _, written, _) = decoder.decode_to_utf16(bytes, &mut units, false);
        units.truncate(written);
        units
    }

    /// Text as bytes; `?` stands for what the page does not have.
    pub(super) fn encode(&self, units: &[u16]) -> Vec<u8> {
        let text = String::from_utf16_lossy(units);
        let mut bytes = Vec::new();
        for character in text.chars() {
            bytes.extend(self.encode_one(character).unwrap_or_else(|| vec![b'?']));
        }
        bytes
    }

    fn encode_one(&self, character: char) -> Option<Vec<u8>> {
        if character.is_ascii() {
            return Some(vec![character as u8]);
        }
        match encoding(self.number) {
            Some(encoding) => {
                let mut text = [0; 4];
                let (bytes, _, failed) = encoding.encode(character.encode_utf8(&mut text));
                (!failed).then(|| bytes.into_owned())
            }
            None => {
                let number = u16::try_from(self.number).ok()?;
                let byte = ENCODING_TABLE_CP_MAP.get(&number)?.get(&character)?;
                Some(vec![*byte])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u32) -> Page {
        Page::new(number).expect("a code page that there is")
    }

    #[test]
    fn pages_have_their_own_characters() {
        // [Unicode, CP437.TXT, CP1252.TXT]
        assert_eq!(page(437).decode(&[b'a', 0x82, 0xe1]), [0x61, 0xe9, 0xdf]);
        assert_eq!(page(1252).decode(&[0x80, 0xe9]), [0x20ac, 0xe9]);
        assert_eq!(page(437).encode(&[0xe9, 0x20ac]), [0x82, b'?']);
        assert_eq!(page(65001).encode(&[0xe9]), [0xc3, 0xa9]);
        assert!(Page::new(1).is_none() && Page::new(0x1_01b5).is_none());
    }

    #[test]
    fn a_character_may_be_written_in_parts() {
        let mut utf8 = page(65001);
        assert!(utf8.decode(&[0xe2, 0x82]).is_empty());
        assert_eq!(utf8.decode(&[0xac]), [0x20ac]);
    }
}
