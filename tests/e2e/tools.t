#!/bin/bash
# The tools of the trade run in a session as on any machine.
source "$(dirname "$0")/lib.sh"
story

expect_text '^visits +11[.]5000' as researcher "Rscript -e 'd <- read.csv(\"/data/D-1/people.csv\"); print(summary(lm(age ~ visits, d))); pdf(\"/tmp/p.pdf\"); plot(d\$age); dev.off()'"
expect_text '51' as researcher "python3 -c '
import pandas, matplotlib
matplotlib.use(\"Agg\")
import matplotlib.pyplot as plt
d = pandas.read_csv(\"/data/D-1/people.csv\")
d.age.plot(); plt.savefig(\"/tmp/p.png\")
print(d.age.median())'"
expect_text '^4$' as researcher "python3 -c '
from multiprocessing import Pool
def f(x): return x * x
if __name__ == \"__main__\":
    with Pool(2) as p: print(max(p.map(f, [0, 1, 2])))'"
expect_text '40' as researcher "sqlite3 -readonly /data/D-1/D-1.db 'SELECT age FROM people'"
expect_text 'wal' as researcher "sqlite3 /workspace/w.db 'PRAGMA journal_mode=WAL; CREATE TABLE t(x);'"
expect_text 'hello' as researcher 'cd /workspace && printf "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n" > h.c && printf "h: h.c\n\tgcc -O2 -o h h.c\n" > Makefile && make -s && ./h'
expect_text 'one commit' as researcher 'cd /tmp && git init -q r && cd r && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m "one commit" && git log --format=%s'
expect_text 'changed' as researcher 'echo text > /tmp/v && vim -es -c "%s/text/changed/" -c wq /tmp/v; cat /tmp/v'
expect_text 'Example|age' as researcher 'less -F /data/D-1/people.csv'
expect_text 'started' as researcher 'tmux -L t new-session -d "sleep 5" && tmux -L t has-session && echo started; tmux -L t kill-server'

verify_log
story_done
