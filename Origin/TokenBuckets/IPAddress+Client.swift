public import HTTPWire

extension IPAddress {
    /// The part of the address that is one client's: all of it, of IPv6 the first 64 bits, since the smallest block of a provider's customer is twice that.
    public var client: IPAddress {
        IPNetwork(address: self, prefixLength: min(64, family.bitCount)).address
    }
}
