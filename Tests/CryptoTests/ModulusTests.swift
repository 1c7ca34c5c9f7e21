import Crypto
import Testing

@Suite struct ModulusTests {
    private func number(_ value: UInt64) -> Natural {
        Natural((0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) })
    }

    @Test func `a number is its value, whatever zeros stand before it`() {
        #expect(Natural([0, 0, 1, 0]) == Natural([1, 0]))
        #expect(Natural([0, 0, 1, 0]).bytes == [1, 0])
        #expect(Natural([0, 0]).isZero && Natural([]).isZero && !Natural([0, 1]).isZero)
        let ascending = [
            Natural([]), Natural([1]), Natural([255]), Natural([1, 0]), Natural([1, 1]), Natural([2, 0]),
        ]
        #expect(ascending.shuffled().sorted() == ascending)
    }

    @Test func `only odd numbers above one are moduli`() throws {
        for value: [UInt8] in [[], [0], [1], [2], [1, 0]] {
            #expect(throws: CryptoError.self) { try Modulus(Natural(value)) }
        }
        #expect(try Modulus(Natural([0, 3])).value == Natural([3]))
    }

    @Test func `results are those of plain arithmetic, reduced`() throws {
        for _ in 0..<200 {
            let size = UInt64.random(in: 1...0x7fff_ffff) << 1 | 1
            let (left, right) = (UInt64.random(in: 0...UInt64(UInt32.max)), UInt64.random(in: 0...UInt64(UInt32.max)))
            let arithmetic = try Modulus(number(size))
            #expect(try arithmetic.sum(number(left), number(right)) == number((left + right) % size))
            #expect(try arithmetic.product(number(left), number(right)) == number(left * right % size))
            let difference =
                left % size >= right % size ? left % size - right % size : size - right % size + left % size
            #expect(try arithmetic.difference(number(left), number(right)) == number(difference))
            let exponent = right % 16
            let power = (0..<exponent).reduce(1 % size) { product, _ in product * (left % size) % size }
            #expect(try arithmetic.power(number(left), number(exponent)) == number(power))
        }
    }

    @Test func `a power of a large prime obeys Fermat, also with a base beyond it`() throws {
        // 2^521 − 1.
        let prime = Natural([1] + [UInt8](repeating: 255, count: 65))
        let arithmetic = try Modulus(prime)
        let exponent = Natural([1] + [UInt8](repeating: 255, count: 64) + [254])
        for base in [Natural([2]), Natural([7, 7, 7]), Natural(SecureRandom.bytes(65))] {
            #expect(try arithmetic.power(base, exponent) == Natural([1]))
            #expect(try arithmetic.power(base, prime) == base)
            #expect(try arithmetic.power(base, Natural([])) == Natural([1]))
        }
        #expect(try arithmetic.power(prime, Natural([5])).isZero)
        let beyond = Natural([2] + [UInt8](repeating: 0, count: 65))
        #expect(try arithmetic.power(beyond, Natural([2])) == Natural([1]))
    }
}
