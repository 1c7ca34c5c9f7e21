internal import CLinux
internal import Glibc

extension EventLoop {
    /// The state of a loop that only its own thread touches.
    final class Machine {
        enum TimerAction {
            case call(() -> Void)
            case wake(Sleeper)
        }

        var timers = TimerHeap<TimerAction>()
        var ready: [Submissions.Work] = []
        var isStopping = false
        var turnObserver: ((UInt64) -> Void)?
        private(set) var registrationCount = 0

        private let poller: Int32
        private let bell: Int32
        /// Indexed by descriptor: the kernel hands out small numbers.
        private var registrations: [Registration?] = []
        /// Deregistered in this turn, kept until its events are through.
        private var retired: [Registration] = []
        private var running: [Submissions.Work] = []
        private let events: UnsafeMutablePointer<epoll_event>

        private static let eventsPerTurn = 256
        /// Work that submits more work runs in the same turn this often, before descriptors get their share again.
        private static let roundsPerTurn = 16

        init(bell: Int32) throws(SystemError) {
            poller = weir_epoll_create()
            guard poller >= 0 else { throw .last("create an epoll instance") }
            guard weir_epoll_add(poller, bell, WEIR_EPOLL_READ | WEIR_EPOLL_EDGE, nil) == 0 else {
                let error = SystemError.last("watch an eventfd")
                close(poller)
                throw error
            }
            self.bell = bell
            events = .allocate(capacity: Self.eventsPerTurn)
        }

        deinit {
            events.deallocate()
            close(poller)
        }
    }
}

// MARK: - Turns

extension EventLoop.Machine {
    func run(for loop: EventLoop) {
        repeat {
            while !isStopping { turn(of: loop) }
            drainWork(of: loop)
            dropTimers()
        } while !(ready.isEmpty && loop.submissions.closeIfEmpty())
        registrations.removeAll()
        retired.removeAll()
    }

    private func turn(of loop: EventLoop) {
        let count = wait(for: loop)
        loop.readClocks()
        for index in 0..<count { dispatch(index) }
        fireDueTimers(of: loop)
        drainWork(of: loop)
        if !retired.isEmpty { retired.removeAll(keepingCapacity: true) }
    }

    /// Sleeps until something happens; returns the number of events.
    private func wait(for loop: EventLoop) -> Int {
        let now = MonotonicClock.nanoseconds()
        turnObserver?(now - loop.nowNanoseconds)
        let timeout: Int32
        if ready.isEmpty, loop.submissions.prepareToSleep() {
            timeout = timeoutMilliseconds(at: now)
        } else {
            timeout = 0
        }
        let count = weir_epoll_wait(poller, events, Int32(Self.eventsPerTurn), timeout)
        if count < 0 {
            precondition(errno == EINTR, "epoll_wait failed: \(SystemError.reason(for: errno))")
            return 0
        }
        return Int(count)
    }

    private func timeoutMilliseconds(at now: UInt64) -> Int32 {
        guard let deadline = timers.earliestDeadline else { return -1 }
        if deadline <= now { return 0 }
        // Rounded up: a timer that woke the loop early would only make it turn in vain.
        return Int32(clamping: (deadline - now + 999_999) / 1_000_000)
    }

    private func dispatch(_ index: Int) {
        guard let data = weir_epoll_event_data(events, Int32(index)) else { return }
        let registration = Unmanaged<Registration>.fromOpaque(data).takeUnretainedValue()
        guard let handler = registration.handler else { return }
        let flags = weir_epoll_event_flags(events, Int32(index))
        var readiness: Readiness = []
        if flags & WEIR_EPOLL_READ != 0 { readiness.insert(.read) }
        if flags & WEIR_EPOLL_WRITE != 0 { readiness.insert(.write) }
        let hasFailed = flags & (WEIR_EPOLL_HANG_UP | WEIR_EPOLL_ERROR) != 0
        if hasFailed {
            readiness.formUnion(Readiness(rawValue: registration.interest.rawValue))
            if flags & WEIR_EPOLL_HANG_UP != 0 { readiness.insert(.hangUp) }
            if flags & WEIR_EPOLL_ERROR != 0 { readiness.insert(.error) }
        }
        handler.readyOnLoop(readiness)
        if hasFailed, registration.handler != nil, registration.interest.isEmpty, registration.isArmed {
            _ = weir_epoll_remove(poller, registration.descriptor)
            registration.isArmed = false
        }
    }

    private func fireDueTimers(of loop: EventLoop) {
        guard timers.earliestDeadline != nil else { return }
        let now = MonotonicClock.nanoseconds()
        let mark = timers.roundMark
        while let action = timers.popDue(at: now, before: mark) {
            switch action {
            case .call(let body): body()
            case .wake(let sleeper): sleeper.wake(.timer)
            }
        }
    }

    private func drainWork(of loop: EventLoop) {
        let executor = loop.asUnownedTaskExecutor()
        for _ in 0..<Self.roundsPerTurn {
            loop.submissions.take(into: &ready)
            if ready.isEmpty { return }
            swap(&ready, &running)
            for work in running {
                switch work {
                case .job(let job): job.runSynchronously(on: executor)
                case .closure(let body): body()
                }
            }
            running.removeAll(keepingCapacity: running.capacity <= 4_096)
        }
    }

    private func dropTimers() {
        for action in timers.removeAll() {
            if case .wake(let sleeper) = action { sleeper.wake(.cancelled) }
        }
    }
}

// MARK: - Descriptors

extension EventLoop.Machine {
    func register(_ descriptor: Int32, interest: Interest, handler: any EventHandler) throws(SystemError) {
        precondition(descriptor >= 0, "a closed descriptor cannot be registered")
        let index = Int(descriptor)
        while registrations.count <= index { registrations.append(nil) }
        precondition(registrations[index] == nil, "descriptor \(descriptor) was closed or registered while registered")
        let registration = Registration(descriptor: descriptor, interest: interest, handler: handler)
        let data = Unmanaged.passUnretained(registration).toOpaque()
        guard weir_epoll_add(poller, descriptor, interest.events, data) == 0 else {
            throw .last("watch descriptor \(descriptor)")
        }
        registrations[index] = registration
        registrationCount += 1
    }

    func update(_ descriptor: Int32, interest: Interest) {
        guard let registration = registration(of: descriptor) else {
            preconditionFailure("descriptor \(descriptor) is not registered")
        }
        if registration.isArmed && registration.interest == interest { return }
        registration.interest = interest
        let data = Unmanaged.passUnretained(registration).toOpaque()
        if registration.isArmed {
            _ = weir_epoll_modify(poller, descriptor, interest.events, data)
        } else if !interest.isEmpty {
            registration.isArmed = weir_epoll_add(poller, descriptor, interest.events, data) == 0
        }
    }

    func deregister(_ descriptor: Int32) {
        guard let registration = registration(of: descriptor) else { return }
        if registration.isArmed { _ = weir_epoll_remove(poller, descriptor) }
        registration.handler = nil
        retired.append(registration)
        registrations[Int(descriptor)] = nil
        registrationCount -= 1
    }

    private func registration(of descriptor: Int32) -> Registration? {
        let index = Int(descriptor)
        return index >= 0 && index < registrations.count ? registrations[index] : nil
    }
}

extension Interest {
    fileprivate var events: UInt32 {
        (contains(.read) ? WEIR_EPOLL_READ : 0) | (contains(.write) ? WEIR_EPOLL_WRITE : 0)
    }
}
