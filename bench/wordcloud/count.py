"""The tutorial's counting with collections.Counter, as the peer of examples/wordcloud/counting.

Two ways: `plain` looks at each word as it comes, like the tutorial; `distinct` counts pieces first
and applies the rules to each different piece once, as we do.
"""
import collections, re, sys, time

way, path, stop_path = sys.argv[1:]
stop_words = set(open(stop_path).read().split())
drop = re.compile(r"^('\{|`|git@|@|https?:)")
punctuation = str.maketrans("", "", '!"&()*+,-./\\:;<=>?[]^`{|}~')
separator = re.compile(r"[=|\s]+")


def word_of(token):
    if drop.match(token):
        return None
    word = token.translate(punctuation)
    return word if word and word not in stop_words else None


def plain(lines):
    words = (word_of(token) for line in lines for token in separator.split(line.lower()))
    return collections.Counter(word for word in words if word)


def distinct(lines):
    pieces = collections.Counter()
    for line in lines:
        pieces.update(separator.split(line.lower()))
    counts = collections.Counter()
    for piece, count in pieces.items():
        word = word_of(piece)
        if word:
            counts[word] += count
    return counts


started = time.perf_counter()
with open(path, encoding="ascii") as lines:
    counts = {"plain": plain, "distinct": distinct}[way](lines)
print(time.perf_counter() - started)
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:100]:
    print(word, count)
