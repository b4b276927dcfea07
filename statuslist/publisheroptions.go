package statuslist

import (
	"maps"
	"slices"
)

// PublisherOptions say what list a [Publisher] keeps.
type PublisherOptions struct {
	// URL is where the list will be published as Bitstring, and its id.
	// Required.
	URL string
	// Also publishes the same bits in other encodings, each at a URL of its own.
	// StatusList2021 takes status size 1 and the purpose Revocation or
	// Suspension.
	Also map[Encoding]string
	// Purpose is what the list is about. Required; a passport that can be both
	// revoked and suspended has an index in each of two lists.
	Purpose Purpose
	// Entries is how many statuses there are, from MinEntries, which zero
	// means, to 16,777,216. It is rounded up to fill the last byte.
	Entries int
	// Size is the bits of one status, 1 to 8. Zero means 1.
	Size int
	// Messages go into every entry: 2^Size of them, or, with size 1, none.
	Messages []string
	// References go into every entry: URLs about the meaning of the statuses.
	References []string
}

func (o PublisherOptions) clone() PublisherOptions {
	o.Also = maps.Clone(o.Also)
	o.Messages, o.References = slices.Clone(o.Messages), slices.Clone(o.References)
	return o
}

// url returns where the list is published in an encoding, "" if it is not.
func (o *PublisherOptions) url(e Encoding) string {
	if e == Bitstring {
		return o.URL
	}
	return o.Also[e]
}

// entry returns the entry of an index. The slices are its own.
func (o *PublisherOptions) entry(e Encoding, index int) Entry {
	out := Entry{Encoding: e, Purpose: o.Purpose, URL: o.url(e), Index: index, Size: o.Size}
	if e.kind().texts {
		out.Messages, out.References = slices.Clone(o.Messages), slices.Clone(o.References)
	}
	return out
}

// check judges the options, whose defaults are filled in: what is wrong with
// them would be wrong with every entry.
func (o *PublisherOptions) check() error {
	for e, url := range o.Also {
		switch {
		case e == Bitstring:
			return misuse(nil, "Also has a URL for %s: that is the field URL", e)
		case e.kind() == nil:
			return misuse(nil, "Also has a URL for encoding %d, which there is not", e)
		case url == "":
			return misuse(nil, "Also has no URL for %s", e)
		}
	}
	at := map[string]Encoding{}
	for i := range kinds {
		e := Encoding(i)
		url := o.url(e)
		if url == "" && e != Bitstring {
			continue
		}
		first := o.entry(e, 0)
		// An encoding that cannot say what the bits mean must not publish them.
		first.Messages, first.References = o.Messages, o.References
		if err := first.check(""); err != nil {
			return misuse(err, "options of a publisher, as %s", e)
		}
		if other, taken := at[url]; taken {
			return misuse(nil, "%s and %s are both at %.200q: two documents cannot be published at one address", other, e, url)
		}
		at[url] = e
	}
	return nil
}
