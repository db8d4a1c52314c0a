// What the page is packed with, undone: LZMA (Igor Pavlov's specification, 2015), whose window is the whole file where deflate's is 32 kB and which
// is a fifth smaller here, in a text of seven bits a character. tools/web_page.py packs.

// The bytes that are written in a text: of each character the lower seven bits. Those that a page cannot hold as they are (0, carriage return, "<") have
// 256 added.
export function bytesOf(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 7) / 8));
  let bits = 0, have = 0, at = 0;
  for (let i = 0; i < text.length; ++i) {
    bits |= (text.charCodeAt(i) & 127) << have;
    have += 7;
    if (have < 8) continue;
    bytes[at++] = bits;
    bits >>= 8;
    have -= 8;
  }
  return bytes;
}

// Where the probabilities of each kind of decision begin. Positions count for none of them (pb = lp = 0), of the byte before a literal its upper three
// bits (lc = 3).
const IS_MATCH = 0, IS_REP = 12, IS_REP_0 = 24, IS_REP_1 = 36, IS_REP_2 = 48, IS_REP_0_LONG = 60, SLOT = 72, SPECIAL = SLOT + 4 * 64,
  ALIGN = SPECIAL + 115, LENGTH = ALIGN + 16, REP_LENGTH = LENGTH + 2 + 8 + 8 + 256, LITERAL = REP_LENGTH + 2 + 8 + 8 + 256, ALL = LITERAL + 768 * 8;

// Yields after every few kilobytes, so that whoever unpacks lets others work in between, and returns the `size` bytes.
export function* unpacking(packed, size) {
  const out = new Uint8Array(size), odds = new Uint16Array(ALL).fill(1024); // of 2048, that a bit is 0
  let range = 0xffffffff, code = 0, at = 1, done = 0, state = 0, distances = [0, 0, 0, 0];
  for (; at < 5; ++at) code = ((code << 8) | packed[at]) >>> 0;

  const refill = () => {
    if (range >= 0x1000000) return;
    range = (range << 8) >>> 0;
    code = ((code << 8) | packed[at++]) >>> 0;
  };
  const bit = (which) => {
    refill();
    const bound = (range >>> 11) * odds[which];
    if (code < bound) {
      range = bound;
      odds[which] += (2048 - odds[which]) >> 5;
      return 0;
    }
    range -= bound;
    code -= bound;
    odds[which] -= odds[which] >> 5;
    return 1;
  };
  const evenBits = (count) => {
    let number = 0;
    for (; count > 0; --count) {
      refill();
      range >>>= 1;
      const one = code >= range;
      if (one) code -= range;
      number = number * 2 + (one ? 1 : 0);
    }
    return number;
  };
  const tree = (from, count) => {
    let node = 1;
    for (let i = 0; i < count; ++i) node = node * 2 + bit(from + node);
    return node - (1 << count);
  };
  const treeFromBelow = (from, count) => {
    let node = 1, number = 0;
    for (let i = 0; i < count; ++i) {
      const one = bit(from + node);
      node = node * 2 + one;
      number |= one << i;
    }
    return number;
  };
  const length = (from) => (bit(from) === 0 ? tree(from + 2, 3) : bit(from + 1) === 0 ? 8 + tree(from + 10, 3) : 16 + tree(from + 18, 8));
  const distance = (ofLength) => {
    const slot = tree(SLOT + 64 * Math.min(ofLength, 3), 6), count = (slot >> 1) - 1;
    if (slot < 4) return slot;
    const high = (2 | (slot & 1)) << count;
    if (slot < 14) return high + treeFromBelow(SPECIAL + high - slot, count);
    return high + evenBits(count - 4) * 16 + treeFromBelow(ALIGN, 4);
  };
  // After a match the byte that would have followed it says what this one probably is not.
  const literal = () => {
    const from = LITERAL + 768 * ((done ? out[done - 1] : 0) >> 5);
    let node = 1;
    if (state >= 7)
      for (let expected = out[done - distances[0] - 1]; node < 256; expected <<= 1) {
        const guess = (expected >> 7) & 1, one = bit(from + 256 * (1 + guess) + node);
        node = node * 2 + one;
        if (one !== guess) break;
      }
    while (node < 256) node = node * 2 + bit(from + node);
    return node;
  };

  for (let rested = 0; done < size; ) {
    if (done - rested > 8192) {
      rested = done;
      yield;
    }
    if (bit(IS_MATCH + state) === 0) {
      out[done] = literal();
      ++done;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let count = 1, again = -1; // bytes to repeat, and which of the last four distances lies between
    if (bit(IS_REP + state) === 0) {
      count = length(LENGTH) + 2;
      distances = [distance(count - 2), ...distances.slice(0, 3)];
      state = state < 7 ? 7 : 10;
    } else if (bit(IS_REP_0 + state) === 1) {
      again = bit(IS_REP_1 + state) === 0 ? 1 : 2 + bit(IS_REP_2 + state);
    } else if (bit(IS_REP_0_LONG + state) === 1) {
      again = 0;
    } else {
      state = state < 7 ? 9 : 11; // a single byte
    }
    if (again >= 0) {
      distances.unshift(...distances.splice(again, 1));
      count = length(REP_LENGTH) + 2;
      state = state < 7 ? 8 : 11;
    }
    for (; count > 0; --count, ++done) out[done] = out[done - distances[0] - 1];
  }
  return out;
}

// The same between whatever else the page has to do: never more than `most` milliseconds at a time.
export async function unpacked(text, size, most = 20) {
  const work = unpacking(bytesOf(text), size);
  for (let since = performance.now(); ; ) {
    const {done, value} = work.next();
    if (done) return value;
    if (performance.now() - since < most) continue;
    await new Promise((resolve) => setTimeout(resolve));
    since = performance.now();
  }
}
