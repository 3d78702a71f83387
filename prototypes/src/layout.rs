//! Where the fields of a structure are, on one ABI.

/// A field: offset and size in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Offset from the start of the structure.
    pub offset: u16,
    /// Size in bytes; 0 when the ABI's structure has no such field.
    pub size: u16,
    /// Whether its C type is a signed integer.
    pub signed: bool,
}

impl Field {
    /// What a field reads as where the ABI's structure has none of that name.
    pub const ABSENT: Field = Field::new(0, 0, false);

    /// A field.
    pub const fn new(offset: u16, size: u16, signed: bool) -> Self {
        Field {
            offset,
            size,
            signed,
        }
    }

    /// Whether the ABI's structure has the field.
    pub const fn exists(self) -> bool {
        self.size != 0
    }
}

/// A structure, for generic readers.
#[derive(Debug)]
pub struct Struct {
    /// Its name.
    pub name: &'static str,
    /// Its size in bytes.
    pub size: u32,
    /// Its fields by name, in the order in which the texts have them.
    pub fields: &'static [(&'static str, Field)],
}

impl Struct {
    /// The field with that name.
    pub fn field(&self, name: &str) -> Option<Field> {
        self.fields
            .iter()
            .find(|(other, _)| *other == name)
            .map(|&(_, field)| field)
    }
}
