internal import CSandbox

/// A system call and what the jail answers to it.
struct SystemCallRule {
    enum Verdict {
        case allowed
        /// Allowed when all hold, in this order; the first that does not ends the process.
        case allowedIf([Condition])
        /// Not made, and answered with this errno: what libraries ask for and can do without.
        case answered(Int32)
    }

    /// What the lower half of an argument must be, as far as `mask` reaches.
    ///
    /// Descriptors, process numbers and flags have no upper half: the kernel itself does not look at it.
    struct Condition {
        let argument: Int
        let mask: UInt32
        let anyOf: [UInt32]
        let otherwise: weir_refusal

        init(_ argument: Int, mask: UInt32 = .max, anyOf: [UInt32], otherwise: weir_refusal) {
            self.argument = argument
            self.mask = mask
            self.anyOf = anyOf
            self.otherwise = otherwise
        }
    }

    let number: UInt32
    let verdict: Verdict

    init(_ number: Int32, _ verdict: Verdict) {
        self.number = UInt32(number)
        self.verdict = verdict
    }
}

/// The program the kernel runs before every system call of the jailed process (seccomp(2)).
///
/// What no rule names ends the process with SIGSYS, and so do calls by the numbers of another architecture, which would
/// otherwise mean other calls than the rules do.
struct JailFilter {
    private(set) var instructions: [sock_filter] = []

    /// Where the kernel puts what the program decides by (`struct seccomp_data`).
    private enum Field {
        static let number: UInt32 = 0
        static let architecture: UInt32 = 4
        static func lowerHalf(ofArgument index: Int) -> UInt32 { 16 + 8 * UInt32(index) }
    }

    /// The first rule for a number counts.
    init(rules: [SystemCallRule]) {
        load(Field.architecture)
        skip(1, unless: weir_audit_architecture)
        skip(1)
        answer(SECCOMP_RET_KILL_PROCESS)
        load(Field.number)
        #if arch(x86_64)
        // x32: the same calls by other numbers.
        append(BPF_JMP | BPF_JGE | BPF_K, 0x4000_0000, whenTrue: 0, whenFalse: 1)
        answer(SECCOMP_RET_KILL_PROCESS)
        #endif
        for rule in rules {
            let body = Self.body(of: rule.verdict)
            skip(UInt8(body.count), unless: rule.number)
            instructions += body
        }
        answer(Self.refusal(WEIR_REFUSED_UNLISTED))
    }

    private init() {}

    private static func body(of verdict: SystemCallRule.Verdict) -> [sock_filter] {
        var body = JailFilter()
        switch verdict {
        case .allowed: body.answer(SECCOMP_RET_ALLOW)
        case .answered(let code): body.answer(SECCOMP_RET_ERRNO | UInt32(code))
        case .allowedIf(let conditions):
            for condition in conditions {
                body.load(Field.lowerHalf(ofArgument: condition.argument))
                if condition.mask != .max { body.append(BPF_ALU | BPF_AND | BPF_K, condition.mask) }
                for (index, value) in condition.anyOf.enumerated() {
                    let restAndRefusal = UInt8(condition.anyOf.count - index)
                    body.append(BPF_JMP | BPF_JEQ | BPF_K, value, whenTrue: restAndRefusal, whenFalse: 0)
                }
                body.answer(refusal(condition.otherwise))
            }
            body.answer(SECCOMP_RET_ALLOW)
        }
        return body.instructions
    }

    private static func refusal(_ reason: weir_refusal) -> UInt32 { SECCOMP_RET_TRAP | reason.rawValue }

    private mutating func load(_ offset: UInt32) { append(BPF_LD | BPF_W | BPF_ABS, offset) }

    private mutating func answer(_ action: UInt32) { append(BPF_RET | BPF_K, action) }

    private mutating func skip(_ count: UInt8, unless value: UInt32) {
        append(BPF_JMP | BPF_JEQ | BPF_K, value, whenTrue: 0, whenFalse: count)
    }

    private mutating func skip(_ count: UInt32) { append(BPF_JMP | BPF_JA, count) }

    private mutating func append(_ code: Int32, _ operand: UInt32, whenTrue: UInt8 = 0, whenFalse: UInt8 = 0) {
        instructions.append(sock_filter(code: UInt16(code), jt: whenTrue, jf: whenFalse, k: operand))
    }
}
