// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Names, one owner each
/// @notice Who wants a name commits to it unseen first, so that nobody who watches can take it before them. While a name is held
/// a deposit lies here and comes back when it is given up: it keeps nobody from a name, and makes hoarding cost.
/// @dev Labels are normalised by ENSIP-15 before they come here, which no contract can check: of ASCII only the letters, digits and
/// marks that are their own normal form are taken, and readers normalise what they look up, so that a label that is not normal
/// is found by nobody. No admin, no upgrade.
contract Names {
    struct Entry {
        address owner;
        /// Seconds since 1970.
        uint64 expires;
        /// Rises with each record.
        uint32 sequence;
        /// Hash of the signed record that the name points to.
        bytes32 record;
        /// Wei that come back.
        uint256 deposit;
    }

    uint64 public constant COMMIT_MIN = 60;
    uint64 public constant COMMIT_MAX = 1 days;
    uint64 public constant TERM_MAX = 2 * 365 days;
    uint64 public constant GRACE = 90 days;
    uint256 public constant LABEL_MAX = 63;

    /// @notice Wei for a label of 6 bytes or more; one of 5 costs 4 times as much, 4: 16, 3: 64.
    uint256 public immutable unit;

    mapping(bytes32 label => Entry) private _entries;
    mapping(bytes32 commitment => uint64 when) public committedAt;
    mapping(address who => uint256 wei_) public owed;

    event Committed(bytes32 indexed commitment);
    event Registered(bytes32 indexed labelHash, address indexed owner, string label, uint64 expires);
    event Renewed(bytes32 indexed labelHash, uint64 expires);
    event Transferred(bytes32 indexed labelHash, address indexed from, address indexed to);
    event RecordSet(bytes32 indexed labelHash, uint32 sequence, bytes32 record);
    event Released(bytes32 indexed labelHash, address indexed owner);

    error BadLabel();
    error BadTerm();
    error Taken();
    error CommittedBefore();
    error NotCommitted();
    error TooSoon();
    error TooLate();
    error WrongDeposit(uint256 wanted);
    error NotOwner();
    error NoOwner();
    error OldSequence();
    error NotPaid();

    constructor(uint256 unit_) {
        unit = unit_;
    }

    function commitmentOf(string calldata label, address owner, uint64 term, bytes32 record, bytes32 secret)
        public
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(block.chainid, address(this), label, owner, term, record, secret));
    }

    function commit(bytes32 commitment) external {
        uint64 when = committedAt[commitment];
        // Whoever repeats a commitment must not push back the time from which it counts.
        if (when != 0 && block.timestamp <= when + COMMIT_MAX) revert CommittedBefore();
        committedAt[commitment] = uint64(block.timestamp);
        emit Committed(commitment);
    }

    /// @notice Take a name that was committed to at least a minute and at most a day ago.
    function register(string calldata label, address owner, uint64 term, bytes32 record, bytes32 secret) external payable {
        _checkLabel(bytes(label));
        if (owner == address(0)) revert NoOwner();
        if (term == 0 || term > TERM_MAX) revert BadTerm();
        bytes32 hash = keccak256(bytes(label));
        Entry storage entry = _entries[hash];
        if (entry.owner != address(0) && block.timestamp <= uint256(entry.expires) + GRACE) revert Taken();
        bytes32 commitment = commitmentOf(label, owner, term, record, secret);
        uint64 when = committedAt[commitment];
        if (when == 0) revert NotCommitted();
        if (block.timestamp < when + COMMIT_MIN) revert TooSoon();
        if (block.timestamp > when + COMMIT_MAX) revert TooLate();
        uint256 wanted = depositFor(bytes(label).length);
        if (msg.value != wanted) revert WrongDeposit(wanted);
        delete committedAt[commitment];
        // Who let it run out gets their deposit back all the same.
        if (entry.owner != address(0)) owed[entry.owner] += entry.deposit;
        uint64 expires = uint64(block.timestamp) + term;
        uint32 sequence = entry.sequence + 1;
        _entries[hash] = Entry({owner: owner, expires: expires, sequence: sequence, record: record, deposit: wanted});
        emit Registered(hash, owner, label, expires);
        emit RecordSet(hash, sequence, record);
    }

    /// @notice Hold a name for `term` seconds from now on, if that is longer.
    function renew(bytes32 labelHash, uint64 term) external {
        Entry storage entry = _owned(labelHash);
        uint64 expires = uint64(block.timestamp) + term;
        if (term > TERM_MAX || expires <= entry.expires) revert BadTerm();
        entry.expires = expires;
        emit Renewed(labelHash, expires);
    }

    function setRecord(bytes32 labelHash, uint32 sequence, bytes32 record) external {
        Entry storage entry = _owned(labelHash);
        if (sequence <= entry.sequence) revert OldSequence();
        entry.sequence = sequence;
        entry.record = record;
        emit RecordSet(labelHash, sequence, record);
    }

    /// @notice Give a name to somebody else, and the deposit with it.
    function transfer(bytes32 labelHash, address to) external {
        Entry storage entry = _owned(labelHash);
        if (to == address(0)) revert NoOwner();
        entry.owner = to;
        emit Transferred(labelHash, msg.sender, to);
    }

    /// @notice Give a name up. The deposit can be withdrawn then.
    function release(bytes32 labelHash) external {
        Entry storage entry = _owned(labelHash);
        owed[msg.sender] += entry.deposit;
        entry.deposit = 0;
        entry.owner = address(0);
        entry.record = 0;
        emit Released(labelHash, msg.sender);
    }

    function withdraw() external {
        uint256 amount = owed[msg.sender];
        owed[msg.sender] = 0;
        (bool ok,) = msg.sender.call{value: amount}("");
        if (!ok) revert NotPaid();
    }

    /// @notice The entry of a name; without an owner when nobody holds it, or when it ran out and its grace is over.
    function lookUp(bytes32 labelHash) external view returns (Entry memory entry) {
        entry = _entries[labelHash];
        if (block.timestamp > uint256(entry.expires) + GRACE) delete entry;
    }

    function depositFor(uint256 length) public view returns (uint256) {
        return length >= 6 ? unit : unit << (2 * (6 - length));
    }

    /// @dev Whose grace is over still owns it here until somebody takes it: they may renew.
    function _owned(bytes32 labelHash) private view returns (Entry storage entry) {
        entry = _entries[labelHash];
        if (entry.owner != msg.sender) revert NotOwner();
    }

    function _checkLabel(bytes calldata label) private pure {
        uint256 length = label.length;
        if (length < 3 || length > LABEL_MAX) revert BadLabel();
        // "xn--" and its like would be read as something else by the DNS.
        if (label[2] == "-" && length > 3 && label[3] == "-") revert BadLabel();
        for (uint256 i = 0; i < length; i++) {
            bytes1 c = label[i];
            bool plain = (c >= "a" && c <= "z") || (c >= "0" && c <= "9") || c == "-" || c >= 0x80;
            if (!plain) revert BadLabel();
        }
        if (label[0] == "-" || label[length - 1] == "-") revert BadLabel();
    }
}
