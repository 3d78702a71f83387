# A server that forks for each request, and its client: busybox alone.
mkdir -p www/cgi-bin
echo hello >www/index.html
seq 1 100000 >www/big
printf '#!/bin/busybox sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n$REQUEST_METHOD $QUERY_STRING: "\nbusybox cat\n' >www/cgi-bin/program
chmod +x www/cgi-bin/program
site=http://127.0.0.1:8000
httpd -p 127.0.0.1:8000 -h www
wget -q -O - $site/
wget -q -O - $site/big | cmp - www/big && echo whole
wget -q -O - --post-data=body "$site/cgi-bin/program?q=1"; echo
wget -q -O - $site/none 2>/dev/null || echo none
for i in 1 2 3 4; do wget -q -O - $site/big >big$i & done; wait
md5sum big? | cut -d' ' -f1 | uniq | wc -l
kill $(pidof httpd)
sleep 1
wget -q -O - $site/ 2>/dev/null || echo gone
