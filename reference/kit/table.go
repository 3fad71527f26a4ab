package kit

// table is what one shard of a store holds: a hash table with chains. Go's own
// map would do, but looks for each new token's place all over the memory that it
// has, and moves whole entries when it grows. Here new entries lie beside each
// other and stay there; only the array that finds them, 8 to 16 bytes for each,
// is made anew. 300,000 new tokens in 64 of these took 115 ns each, 290 in maps.
type table[V any] struct {
	heads  []int32             // by the last bits of a key: where its chain starts; len is a power of two
	pieces []*[pieceLen]row[V] // the rows, which stay where they are
	used   int32               // rows that were ever in use
	free   int32               // the chain of those that are no longer
	count  int
}

// row is an entry in the table, and in a chain of those that share a head. Rows
// are counted from 1, so that 0 is no row.
type row[V any] struct {
	Entry[V]
	key  Key // zero if the row is free
	next int32
}

// pieceLen makes a piece of tokens a page of 4 KB.
const pieceLen = 64

func (t *table[V]) row(n int32) *row[V] { return &t.pieces[(n-1)/pieceLen][(n-1)%pieceLen] }

// head needs no hash function: a key is one.
func (t *table[V]) head(k Key) *int32 { return &t.heads[k.low&uint64(len(t.heads)-1)] }

// find answers the entry under a key, to be read or changed where it is; nil if
// there is none.
func (t *table[V]) find(k Key) *Entry[V] {
	if t.count == 0 {
		return nil
	}
	for n := *t.head(k); n != 0; {
		r := t.row(n)
		if r.key == k {
			return &r.Entry
		}
		n = r.next
	}
	return nil
}

// add enters what find does not find.
func (t *table[V]) add(k Key, e Entry[V]) {
	if 2*t.count >= len(t.heads) { // a row passed on the way is a wait for memory
		t.widen()
	}
	n := t.free
	switch {
	case n != 0:
		t.free = t.row(n).next
	default:
		if int(t.used) == len(t.pieces)*pieceLen {
			t.pieces = append(t.pieces, new([pieceLen]row[V]))
		}
		t.used++
		n = t.used
	}
	head := t.head(k)
	*t.row(n) = row[V]{e, k, *head}
	*head = n
	t.count++
}

// widen doubles the heads, so that chains stay as short as they are.
func (t *table[V]) widen() {
	t.heads = make([]int32, max(16, 2*len(t.heads)))
	for n := int32(1); n <= t.used; n++ {
		if r := t.row(n); r.key != (Key{}) {
			head := t.head(r.key)
			r.next, *head = *head, n
		}
	}
}

// remove takes out an entry that find finds.
func (t *table[V]) remove(k Key) {
	at := t.head(k)
	for t.row(*at).key != k {
		at = &t.row(*at).next
	}
	n := *at
	r := t.row(n)
	*at = r.next
	*r = row[V]{next: t.free}
	t.free = n
	t.count--
}

// removeIf removes the entries that the function picks, and answers how many.
func (t *table[V]) removeIf(pick func(Entry[V]) bool) (removed int) {
	for n := int32(1); n <= t.used; n++ {
		if r := t.row(n); r.key != (Key{}) && pick(r.Entry) {
			t.remove(r.key)
			removed++
		}
	}
	return removed
}
