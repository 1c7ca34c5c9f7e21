import CSandbox
import Testing

@testable import TranscodeWorker

/// The filter's program, run here instead of in the kernel: every rule, and architectures this machine is not.
@Suite struct JailFilterTests {
    /// What the kernel would do.
    private func answer(
        _ rules: [SystemCallRule], to number: UInt32, _ arguments: [UInt64] = [],
        architecture: UInt32 = weir_audit_architecture
    ) -> UInt32? {
        var data = [number, architecture, 0, 0]
        for index in 0..<6 {
            let argument = index < arguments.count ? arguments[index] : 0
            data += [UInt32(truncatingIfNeeded: argument), UInt32(argument >> 32)]
        }
        let program = JailFilter(rules: rules).instructions
        var place = 0
        var accumulator: UInt32 = 0
        while program.indices.contains(place) {
            let (code, operand) = (Int32(program[place].code), program[place].k)
            place += 1
            func jump(_ isTrue: Bool) { place += Int(isTrue ? program[place - 1].jt : program[place - 1].jf) }
            switch code {
            case BPF_LD | BPF_W | BPF_ABS: accumulator = data[Int(operand / 4)]
            case BPF_ALU | BPF_AND | BPF_K: accumulator &= operand
            case BPF_JMP | BPF_JA: place += Int(operand)
            case BPF_JMP | BPF_JEQ | BPF_K: jump(accumulator == operand)
            case BPF_JMP | BPF_JGE | BPF_K: jump(accumulator >= operand)
            case BPF_RET | BPF_K: return operand
            default: return nil
            }
        }
        return nil
    }

    private let rules = [
        SystemCallRule(1, .allowed), SystemCallRule(2, .answered(13)),
        SystemCallRule(
            3,
            .allowedIf([
                .init(0, anyOf: [4, 2], otherwise: WEIR_REFUSED_DESCRIPTOR),
                .init(2, mask: 0xf0, anyOf: [0x10], otherwise: WEIR_REFUSED_ARGUMENT),
            ])),
        SystemCallRule(1, .answered(1)),
    ]

    @Test func `calls on the list are allowed or answered, the first rule counts, all others are trapped`() {
        #expect(answer(rules, to: 1) == SECCOMP_RET_ALLOW)
        #expect(answer(rules, to: 2) == SECCOMP_RET_ERRNO | 13)
        #expect(answer(rules, to: 4) == SECCOMP_RET_TRAP | WEIR_REFUSED_UNLISTED.rawValue)
        #expect(answer([], to: 1) == SECCOMP_RET_TRAP | WEIR_REFUSED_UNLISTED.rawValue)
    }

    @Test func `every condition must hold`() {
        #expect(answer(rules, to: 3, [4, 9, 0x1f]) == SECCOMP_RET_ALLOW)
        #expect(answer(rules, to: 3, [2, 9, 0xff10]) == SECCOMP_RET_ALLOW)
        #expect(answer(rules, to: 3, [3, 9, 0x10]) == SECCOMP_RET_TRAP | WEIR_REFUSED_DESCRIPTOR.rawValue)
        #expect(answer(rules, to: 3, [4, 9, 0x20]) == SECCOMP_RET_TRAP | WEIR_REFUSED_ARGUMENT.rawValue)
        #expect(answer(rules, to: 3, [3, 9, 0x20]) == SECCOMP_RET_TRAP | WEIR_REFUSED_DESCRIPTOR.rawValue)
    }

    @Test func `the same numbers on another architecture mean other calls, and are not made`() {
        for architecture: UInt32 in [0, 0x4000_0003, 0xc000_00b7, 0xc000_003e]
        where architecture != weir_audit_architecture {
            #expect(answer(rules, to: 1, architecture: architecture) == SECCOMP_RET_KILL_PROCESS)
        }
        #if arch(x86_64)
        #expect(answer(rules, to: 0x4000_0001) == SECCOMP_RET_KILL_PROCESS)
        #expect(answer(rules, to: .max) == SECCOMP_RET_KILL_PROCESS)
        #endif
    }

    @Test func `no call has two rules`() {
        let numbers = Jail.systemCalls(of: 1).map(\.number)
        #expect(Set(numbers).count == numbers.count)
    }

    @Test func `the program is one the kernel takes`() {
        let program = JailFilter(rules: Jail.systemCalls(of: 1)).instructions
        #expect(program.count < 4096)
        for rule in Jail.systemCalls(of: 1) { #expect(answer(Jail.systemCalls(of: 1), to: rule.number) != nil) }
    }
}
