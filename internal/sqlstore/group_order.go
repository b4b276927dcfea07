package sqlstore

// Calls of a batch are judged in their order. Where one of them waits for a transaction, those behind it that
// bear on the same wait with it; the others cannot tell.

// wait has keys wait for a transaction: what comes behind and bears on the same is done there, too, so that each call
// is judged by what those before it have left.
func (w *work) wait(keys ...digest) error {
	for _, key := range keys {
		w.waiting[key] = true
	}
	return errTables
}

// waits reports whether one of these keys waits for a transaction.
func (w *work) waits(keys ...digest) bool {
	for _, key := range keys {
		if key != none && w.waiting[key] {
			return true
		}
	}
	return false
}

// all are the keys of what a reservation bears on.
func (k *keys) all() []digest {
	list := append([]digest{k.hold, k.agent, k.nonce, k.intent}, k.places...)
	for i := range k.accounts {
		list = append(list, k.accounts[i].account)
	}
	return list
}
