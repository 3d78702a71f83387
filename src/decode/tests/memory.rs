//! The address space.

use emu_prototypes::linux::{ARM, Errno, MIPS_O32, X64};

use super::case;

#[test]
fn memory_is_mapped() {
    case(&X64, "mmap", &[0, 8192, 3, 0x4022, -1i64 as u64, 0]).gives(
        Ok(0x7f73_bdd4_1000),
        "NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0) = 0x7f73bdd41000",
    );
    case(&X64, "mmap", &[0x2000_0000, 4096, 1, 0x2_8011, 3, 4096]).gives(
        Ok(0x2000_0000),
        "0x20000000, 4096, PROT_READ, MAP_SHARED|MAP_FIXED|MAP_POPULATE|MAP_STACK, 3, 0x1000) = 0x20000000",
    );
    case(&X64, "mmap", &[0, 0, 1, 0, -1i64 as u64, 4096]).gives(
        Err(Errno::EBADF),
        "NULL, 0, PROT_READ, MAP_FILE, -1, 0x1000) = -1 EBADF (Bad file descriptor)",
    );
    // MAP_ANONYMOUS is 0x800 on MIPS; mmap2 counts pages.   [Linux asm/mman.h, mmap2(2)]
    case(&MIPS_O32, "mmap2", &[0, 8192, 3, 0x802, 0xffff_ffff, 0]).gives(
        Ok(0x77ff_6000),
        "NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x77ff6000",
    );
    case(&ARM, "mmap2", &[0, 8192, 5, 2, 3, 2]).gives(
        Ok(0x1000),
        "NULL, 8192, PROT_READ|PROT_EXEC, MAP_PRIVATE, 3, 0x2000) = 0x1000",
    );
    case(&X64, "mprotect", &[0x1000, 4096, 0]).gives(Ok(0), "0x1000, 4096, PROT_NONE) = 0");
    case(&X64, "mprotect", &[0x1000, 4096, 0x105]).gives(
        Err(Errno::EINVAL),
        "0x1000, 4096, PROT_READ|PROT_EXEC|0x100) = -1 EINVAL (Invalid argument)",
    );
    case(&X64, "mprotect", &[0x1000, 4096, 0x100]).gives(
        Err(Errno::EINVAL),
        "0x1000, 4096, 0x100 /* PROT_??? */) = -1 EINVAL (Invalid argument)",
    );
    case(&X64, "madvise", &[0x1000, 4096, 77]).gives(
        Err(Errno::EINVAL),
        "0x1000, 4096, 0x4d /* MADV_??? */) = -1 EINVAL (Invalid argument)",
    );
    case(&X64, "mremap", &[0x1000, 8192, 16384, 1, 77])
        .gives(Ok(0x5000), "0x1000, 8192, 16384, MREMAP_MAYMOVE) = 0x5000");
    case(&X64, "mremap", &[0x1000, 8192, 16384, 3, 0x9000]).gives(
        Ok(0x9000),
        "0x1000, 8192, 16384, MREMAP_MAYMOVE|MREMAP_FIXED, 0x9000) = 0x9000",
    );
    case(&X64, "brk", &[0]).gives(Ok(0x55_5555), "NULL) = 0x555555");
    case(&MIPS_O32, "brk", &[0x9000_0000])
        .gives(Ok(0xffff_ffff_9000_0000), "0x90000000) = 0x90000000");
}
