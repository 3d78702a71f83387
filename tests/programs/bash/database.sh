sqlite3 t.db 'PRAGMA journal_mode=WAL; CREATE TABLE t(a INTEGER PRIMARY KEY, w TEXT); INSERT INTO t(w) VALUES("first");'
for w in a b; do (for i in 1 2 3 4 5 6 7 8 9 10; do sqlite3 -cmd ".timeout 60000" t.db "BEGIN IMMEDIATE; INSERT INTO t(w) VALUES('$w$i'); COMMIT;" || echo fail $w $i; done) & done; wait
sqlite3 t.db 'SELECT count(*), count(DISTINCT w) FROM t; PRAGMA integrity_check;'
# a reader in a snapshot while a writer goes on
mkfifo go
(sqlite3 t.db <<E
BEGIN; SELECT count(*) FROM t;
.shell echo x > go; read y < go2
SELECT count(*) FROM t; COMMIT; SELECT count(*) FROM t;
E
) & mkfifo go2; read x < go; sqlite3 t.db 'INSERT INTO t(w) VALUES("late"); SELECT count(*) FROM t'; echo y > go2; wait
# a lock held by one process is busy for another
mkfifo l1 l2
(sqlite3 t.db <<E
BEGIN EXCLUSIVE; INSERT INTO t(w) VALUES('held');
.shell echo x > l1; read y < l2
COMMIT;
E
) & read x < l1; sqlite3 t.db 'INSERT INTO t(w) VALUES("no")' 2>&1 | grep -o 'database is locked'; sqlite3 -cmd '.timeout 500' t.db 'INSERT INTO t(w) VALUES("no")' 2>&1 | grep -o 'database is locked'; echo y > l2; wait
sqlite3 t.db 'SELECT count(*) FROM t'
ls t.db*
