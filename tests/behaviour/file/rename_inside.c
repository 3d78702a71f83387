/* rename(2): a directory can't go into itself, nor over one that is not empty; names of one file stay. */
#include "../tasks.h"
#include <sys/stat.h>

int main(void)
{
    mkdir("a", 0755);
    mkdir("a/b", 0755);
    mkdir("full", 0755);
    mkdir("full/x", 0755);
    put("file", "text");
    say("into itself", rename("a", "a/c"));
    say("deeper", rename("a", "a/b/c"));
    say("onto itself", rename("a", "a"));
    say("over a full one", rename("a", "full"));
    say("over its own child's parent", rename("a/b", "a"));
    say("over an empty one", rename("full", "a/b"));
    say("F_OK", access("a/b/x", F_OK));
    say("a directory over a file", rename("a", "file"));
    say("a file over a directory", rename("file", "a"));
    say("dot", rename("a/.", "z"));
    say("dot dot", rename("a/b/..", "z"));
    say("into nothing", rename("file", "absent/file"));
    link("file", "same");
    say("two names of one file", rename("file", "same"));
    say("both stay", access("file", F_OK) + access("same", F_OK));
    unlink("file");
    unlink("same");
    rmdir("a/b/x");
    rmdir("a/b");
    rmdir("a");
    return 0;
}
