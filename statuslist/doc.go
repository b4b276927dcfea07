// Package statuslist holds the status of credentials: a few bits for each of
// them, in a list that is itself a signed credential.
//
// It reads and writes W3C Bitstring Status List 1.0 and its predecessor
// StatusList2021, from the same bits:
//
//   - [List] is the bit string, index 0 leftmost, decoded within bounds.
//   - [Entry] is the credentialStatus entry of a credential: which bit of
//     which list, and what the bit is about.
//   - [ListCredential] is a list as published; [ListCredential.Status] looks
//     one entry up in it.
//   - [Publisher] is the issuer's side: it hands out indices, changes bits and
//     signs an [Edition] of the list in each encoding.
//   - [Target] is where an issuer puts editions: [Dir], [Memory].
//   - [Source] is where a verifier gets lists: [Static], [Dir], [Memory],
//     [Cache].
//
// The package has no opinion. It checks no signature, trusts no issuer and
// judges no age; package verify does, and believes no list that is unsigned.
package statuslist
