internal import COpenSSL

/// Arithmetic modulo an odd number, such as a prime (OpenSSL's BIGNUM).
///
/// Operands of any size are reduced. An operation throws only when memory runs out.
public struct Modulus: Sendable {
    /// The number.
    public let value: Natural

    /// Arithmetic modulo `value`; throws when it is even or below 3.
    public init(_ value: Natural) throws(CryptoError) {
        guard let last = value.bytes.last, last & 1 == 1, value > Natural([1]) else {
            throw CryptoError("compute modulo a number", reasons: ["it is not an odd number above 1"])
        }
        self.value = value
    }

    /// `left + right`.
    public func sum(_ left: Natural, _ right: Natural) throws(CryptoError) -> Natural {
        try compute("add", left, right, BN_mod_add)
    }

    /// `left − right`.
    public func difference(_ left: Natural, _ right: Natural) throws(CryptoError) -> Natural {
        try compute("subtract", left, right, BN_mod_sub)
    }

    /// `left · right`.
    public func product(_ left: Natural, _ right: Natural) throws(CryptoError) -> Natural {
        try compute("multiply", left, right, BN_mod_mul)
    }

    /// `base` to the power of `exponent`, which is taken for a secret: the time depends on its length in machine words alone.
    ///
    /// Takes about a millisecond for a modulus of 3,072 bits and an exponent of 256.
    public func power(_ base: Natural, _ exponent: Natural) throws(CryptoError) -> Natural {
        try compute("take a power", base, exponent) { result, base, exponent, modulus, context in
            BN_mod_exp_mont_consttime(result, base, exponent, modulus, context, nil)
        }
    }

    private typealias Number = OpaquePointer?

    private func compute(
        _ name: String, _ left: Natural, _ right: Natural,
        _ operation: (_ result: Number, _ left: Number, _ right: Number, _ modulus: Number, _ context: Number) -> Int32
    ) throws(CryptoError) -> Natural {
        guard let context = BN_CTX_new() else { throw CryptoError.fromQueue(name) }
        defer { BN_CTX_free(context) }
        var numbers: [OpaquePointer] = []
        defer { for number in numbers { BN_clear_free(number) } }
        for operand in [Natural([]), left, right, value] {
            guard let number = BN_bin2bn(operand.bytes, Int32(operand.bytes.count), nil) else {
                throw CryptoError.fromQueue(name)
            }
            numbers.append(number)
        }
        try operation(numbers[0], numbers[1], numbers[2], numbers[3], context).orThrow(name)
        return Natural(copying: numbers[0])
    }
}

extension Natural {
    /// The value of a `BIGNUM`, which is not negative.
    init(copying number: OpaquePointer) {
        var bytes = [UInt8](repeating: 0, count: Int(BN_num_bits(number) + 7) / 8)
        BN_bn2bin(number, &bytes)
        self.init(bytes)
    }
}
