mkdir -p d/e; echo 1 > d/a; echo 2 > d/b; echo 3 > d/e/c; ln -s a d/link
find d -type f | sort | xargs cat
find d -type f -exec sh -c 'echo "$1: $(cat "$1")"' - {} \; | sort
tar c d | gzip | gunzip | tar t | sort
mkdir out; tar c d | (cd out && tar x); find out | sort; readlink out/d/link
seq 10000 | gzip -c | zcat | tail -1
seq 10000 | bzip2 | bunzip2 | md5sum
find d -name '[ab]' -print0 | xargs -0 -n 1 basename | sort
cp -r d copy && diff -r d copy && echo same
grep -r . d | sort
rm -r d out copy; ls | wc -l
