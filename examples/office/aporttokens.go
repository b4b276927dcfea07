package main

// P14: the key that signs decisions.
func aportKeySet(c *call) (any, error) { return keySet{[]jwk{c.decisions.jwk}}, nil }
