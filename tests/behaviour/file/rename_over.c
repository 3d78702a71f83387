/* rename(2): takes the place of what was there, at once; files and directories don't mix. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    struct stat st, was;
    put("a", "text of a");
    put("b", "text of b");
    int old = open("b", O_RDONLY);
    stat("a", &was);
    say("rename", rename("a", "b"));
    say("a", access("a", F_OK));
    show("b");
    stat("b", &st);
    check("same inode", st.st_ino == was.st_ino);
    char text[16] = "";
    say("the one that was there lives on", read(old, text, sizeof text));
    puts(text);
    fstat(old, &st);
    say("with no name", st.st_nlink);
    mkdir("d", 0755);
    mkdir("e", 0755);
    put("e/file", "");
    say("file over directory", rename("b", "d"));
    say("directory over file", rename("d", "b"));
    say("directory over one that isn't empty", rename("d", "e"));
    say("directory over an empty one", rename("e", "d"));
    say("its file", access("d/file", F_OK));
    say("directory into itself", rename("d", "d/inside"));
    say("onto itself", rename("b", "b"));
    say("nothing", rename("absent", "b"));
    say("RENAME_NOREPLACE", renameat2(AT_FDCWD, "b", AT_FDCWD, "d", RENAME_NOREPLACE));
    unlink("b");
    unlink("d/file");
    rmdir("d");
    return 0;
}
