//! Guest pointers that promise nothing: an address with a type, read only through checked memory.

use std::fmt;
use std::marker::PhantomData;

use emu_cpu::{Fault, GuestMemory};

/// A guest address of a `T`. Reading may fail; nothing is known of what is there.
pub struct Ptr<T: ?Sized> {
    /// The address as the guest gave it, zero-extended.
    pub address: u64,
    marker: PhantomData<fn() -> Box<T>>,
}

/// A NUL-terminated string in guest memory.
#[derive(Debug)]
pub enum CStr {}

/// A C `unsigned long` or `size_t` in guest memory, as wide as the ABI's pointers.
#[derive(Debug)]
pub enum ULong {}

/// A C `long` in guest memory, as wide as the ABI's pointers.
#[derive(Debug)]
pub enum Long {}

/// A value with the same size on every ABI, stored in the guest's byte order.
pub trait Pod: Sized {
    /// Size in bytes.
    const SIZE: u64;
    /// Reads one.
    fn load(memory: &mut dyn GuestMemory, address: u64) -> Result<Self, Fault>;
    /// Writes one.
    fn store(self, memory: &mut dyn GuestMemory, address: u64) -> Result<(), Fault>;
}

macro_rules! pod {
    ($($t:ty: $size:literal $load:ident $store:ident $as:ty;)*) => {$(
        impl Pod for $t {
            const SIZE: u64 = $size;
            fn load(memory: &mut dyn GuestMemory, address: u64) -> Result<Self, Fault> {
                Ok(memory.$load(address)? as $t)
            }
            fn store(self, memory: &mut dyn GuestMemory, address: u64) -> Result<(), Fault> {
                memory.$store(address, self as $as)
            }
        }
    )*};
}
pod! {
    u8: 1 read_u8 write_u8 u8;
    i8: 1 read_u8 write_u8 u8;
    u16: 2 read_u16 write_u16 u16;
    i16: 2 read_u16 write_u16 u16;
    u32: 4 read_u32 write_u32 u32;
    i32: 4 read_u32 write_u32 u32;
    u64: 8 read_u64 write_u64 u64;
    i64: 8 read_u64 write_u64 u64;
}

impl<T: ?Sized> Ptr<T> {
    /// A pointer to `address`.
    pub const fn new(address: u64) -> Self {
        Ptr {
            address,
            marker: PhantomData,
        }
    }

    /// Whether it is the null pointer.
    pub const fn is_null(self) -> bool {
        self.address == 0
    }

    /// The same address as a pointer to something else.
    pub const fn cast<U: ?Sized>(self) -> Ptr<U> {
        Ptr::new(self.address)
    }
}

impl<T: Pod> Ptr<T> {
    /// Reads the value.
    pub fn read(self, memory: &mut dyn GuestMemory) -> Result<T, Fault> {
        T::load(memory, self.address)
    }

    /// Writes the value.
    pub fn write(self, memory: &mut dyn GuestMemory, value: T) -> Result<(), Fault> {
        value.store(memory, self.address)
    }

    /// The pointer `index` elements further.
    pub const fn index(self, index: u64) -> Self {
        Ptr::new(self.address.wrapping_add(index.wrapping_mul(T::SIZE)))
    }
}

impl Ptr<ULong> {
    /// Reads the value, zero-extended.
    pub fn read(self, memory: &mut dyn GuestMemory) -> Result<u64, Fault> {
        memory.read_pointer(self.address)
    }

    /// Writes the value, cut to the ABI's width.
    pub fn write(self, memory: &mut dyn GuestMemory, value: u64) -> Result<(), Fault> {
        memory.write_pointer(self.address, value)
    }
}

impl Ptr<Long> {
    /// Reads the value, sign-extended.
    pub fn read(self, memory: &mut dyn GuestMemory) -> Result<i64, Fault> {
        match memory.pointer_width() {
            4 => memory
                .read_u32(self.address)
                .map(|value| i64::from(value as i32)),
            _ => memory.read_u64(self.address).map(|value| value as i64),
        }
    }

    /// Writes the value, cut to the ABI's width.
    pub fn write(self, memory: &mut dyn GuestMemory, value: i64) -> Result<(), Fault> {
        memory.write_pointer(self.address, value as u64)
    }
}

impl<T: ?Sized> Ptr<Ptr<T>> {
    /// Reads the pointer.
    pub fn read(self, memory: &mut dyn GuestMemory) -> Result<Ptr<T>, Fault> {
        memory.read_pointer(self.address).map(Ptr::new)
    }
}

impl Ptr<CStr> {
    /// Reads the bytes before the NUL, at most `max` of them.
    pub fn read_bytes(self, memory: &mut dyn GuestMemory, max: usize) -> Result<Vec<u8>, Fault> {
        memory.read_cstr(self.address, max)
    }
}

impl<T: ?Sized> Clone for Ptr<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Ptr<T> {}

impl<T: ?Sized> PartialEq for Ptr<T> {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address
    }
}

impl<T: ?Sized> Eq for Ptr<T> {}

impl<T: ?Sized> fmt::Debug for Ptr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.address)
    }
}
