import CSandbox
import Glibc
import TranscodeWorker

// A process for the jail's tests to lock up. Says on descriptor 4 what came of it.
//
//   jail|landlock|network CALL [then CALL]…   builds that wall, then makes system calls: NUMBER ARGUMENT…
//   jail spin|threads|work|abort              uses up time, starts threads, does what decoders do, gives up
//
// An argument is a number, or what `Argument` knows by name.

let resultDescriptor: Int32 = 4

func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(resultDescriptor, $0.baseAddress, $0.count) }
}

func fail(_ line: String) -> Never {
    say(line)
    exit(64)
}

/// What calls are given pointers to, allocated before the door shuts.
struct Argument {
    private let path = strdup("/etc/passwd")
    private let empty = strdup("")
    private let buffer = calloc(1, 8192)
    private let loopback = calloc(1, 16)
    private let parent = Int(getppid())
    var last = 0

    init() {
        // sockaddr_in: AF_INET, port 9, 127.0.0.1
        loopback?.copyMemory(from: [2, 0, 0, 9, 127, 0, 0, 1] as [UInt8], byteCount: 8)
    }

    func value(_ word: String) -> Int? {
        switch word {
        case "path": Int(bitPattern: path)
        case "empty": Int(bitPattern: empty)
        case "buffer": Int(bitPattern: buffer)
        case "page": (Int(bitPattern: buffer) + 4095) & ~4095
        case "loopback": Int(bitPattern: loopback)
        case "parent": parent
        case "last": last
        default: Int(word)
        }
    }
}

typealias SystemCall = @convention(c) (Int, Int, Int, Int, Int, Int, Int) -> Int
guard let symbol = dlsym(nil, "syscall") else { fail("no syscall(2)") }
let systemCall = unsafeBitCast(symbol, to: SystemCall.self)

func make(_ calls: [[String]], _ arguments: consuming Argument) {
    for call in calls {
        let values = call.compactMap { arguments.value($0) }
        guard values.count == call.count, (1...7).contains(values.count) else { fail("what is \(call)?") }
        let all = values + Array(repeating: 0, count: 7 - values.count)
        let answer = systemCall(all[0], all[1], all[2], all[3], all[4], all[5], all[6])
        let code = errno
        say(answer == -1 ? "errno \(code)" : "done")
        arguments.last = answer
    }
}

/// Starts threads that stay, with little stack each, until there are no more to be had.
func startThreads() {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 65_536)
    var count = 0
    var thread = pthread_t()
    while count < 5000, pthread_create(&thread, &attributes, { _ in while true { sleep(1000) } }, nil) == 0 {
        count += 1
    }
    say("threads \(count)")
}

/// Memory, a thread, time, chance, and a file that is not there.
func work() {
    var thread = pthread_t()
    let started = pthread_create(
        &thread, nil, { _ in malloc(64 << 20) }, nil)
    var result: UnsafeMutableRawPointer?
    pthread_join(thread, &result)
    free(realloc(result, 128 << 20))
    usleep(1)
    let random = UInt64.random(in: 0 ... .max)
    let hasNoFile = fopen("/proc/cpuinfo", "r") == nil
    let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    say("\(started) \(result != nil) \(random == 0) \(hasNoFile) \(processors > 0)")
}

let words = Array(CommandLine.arguments.dropFirst())
guard let wall = words.first else { fail("usage: JailProbe WALL CALL…") }
let arguments = Argument()
let calls = words.dropFirst().split(separator: "then").map(Array.init)
switch wall {
case "jail":
    let missing = try Jail(memoryBytes: 2 << 30, cpuSeconds: 1).enter()
    guard missing.isEmpty else { fail("missing \(missing)") }
case "landlock":
    guard weir_no_new_privileges() == 0, weir_landlock_deny_all() == 0 else { fail("no Landlock") }
case "network":
    guard weir_empty_network() == 0 else { fail("no namespace") }
default:
    fail("unknown wall \(wall)")
}
switch calls.first?.first {
case "spin": while true {}
case "threads": startThreads()
case "work": work()
case "abort": abort()
default: make(calls, arguments)
}
exit(0)
