//! Where the fields of a structure are, on one ABI.

/// A field: offset and size in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Offset from the start of the structure.
    pub offset: u16,
    /// Size in bytes; 0 when the ABI's structure has no such field.
    pub size: u16,
    /// Whether its C type is signed.
    pub signed: bool,
}

/// A structure, for generic readers.
#[derive(Debug)]
pub struct Struct {
    /// Its name.
    pub name: &'static str,
    /// Its size in bytes.
    pub size: u32,
    /// Its fields by name, in the order of their offsets.
    pub fields: &'static [(&'static str, Field)],
}
