/* renameat2(2): RENAME_NOREPLACE, RENAME_EXCHANGE. */
#include "../tasks.h"
#include <sys/stat.h>

int main(void)
{
    put("a", "first");
    put("b", "second");
    say("RENAME_NOREPLACE", renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE));
    say("to a new name", renameat2(AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE));
    show("c");
    say("RENAME_EXCHANGE", renameat2(AT_FDCWD, "c", AT_FDCWD, "b", RENAME_EXCHANGE));
    show("b");
    show("c");
    mkdir("dir", 0755);
    put("dir/inside", "inside");
    say("a file and a directory", renameat2(AT_FDCWD, "b", AT_FDCWD, "dir", RENAME_EXCHANGE));
    show("b/inside");
    show("dir");
    say("with nothing", renameat2(AT_FDCWD, "b", AT_FDCWD, "absent", RENAME_EXCHANGE));
    say("both flags", renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_EXCHANGE | RENAME_NOREPLACE));
    say("a flag that isn't one", renameat2(AT_FDCWD, "b", AT_FDCWD, "c", 0x100));
    unlink("b/inside");
    rmdir("b");
    unlink("dir");
    unlink("c");
    return 0;
}
