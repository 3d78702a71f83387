# One process that waits for many, and its programs.
mkdir -p www/cgi-bin
echo hello >www/index.html
seq 1 100000 >www/big
printf '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n$REQUEST_METHOD $QUERY_STRING: "\ncat\n' >www/cgi-bin/program
chmod +x www/cgi-bin/program
cat >conf <<C
server.document-root = "/tmp/www"
server.port = 8001
server.bind = "127.0.0.1"
server.pid-file = "/tmp/pid"
index-file.names = ("index.html")
server.modules += ("mod_cgi")
cgi.assign = ("/cgi-bin/program" => "")
C
site=http://127.0.0.1:8001
lighttpd -f conf
sleep 1
busybox wget -q -O - $site/
curl -s $site/big | cmp - www/big && echo whole
for i in 1 2 3; do curl -s -d "body $i" "$site/cgi-bin/program?q=$i" >answer$i & done; wait
cat answer*; echo
kill $(cat pid)
sleep 1
curl -s $site/; echo $?
