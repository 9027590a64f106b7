"""The tutorial's counting with collections.Counter, as the peer of examples/wordcloud/counting."""
import collections, re, sys, time

stop_words = set(open(sys.argv[2]).read().split())
started = time.perf_counter()
drop = re.compile(r"^('\{|`|git@|@|https?:)")
punctuation = str.maketrans("", "", '!"&()*+,-./\\:;<=>?[]^`{|}~')
counts = collections.Counter()
with open(sys.argv[1], encoding="ascii") as lines:
    for line in lines:
        for token in re.split(r"[=|\s]+", line.lower()):
            if drop.match(token):
                continue
            word = token.translate(punctuation)
            if word and word not in stop_words:
                counts[word] += 1
print(time.perf_counter() - started)
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:100]:
    print(word, count)
