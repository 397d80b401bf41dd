/// A descriptor that an earlier process of this unit put into the manager's store. It is closed when it goes out of
/// scope, unless ``takeDescriptor()`` was called.
public struct StoredDescriptor: ~Copyable, Sendable {
    /// The name it was stored by.
    public let name: String

    private let descriptor: OwnedDescriptor

    init(owning number: CInt, name: String) {
        self.name = name
        descriptor = OwnedDescriptor(number)
    }

    /// Hands the descriptor over to the caller, who closes it.
    public consuming func takeDescriptor() -> CInt { descriptor.release() }
}
