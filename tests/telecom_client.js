const socket = io('http://localhost:5000');

// Join room
socket.emit('join_room', {
  room_id: 'room123',
  user_type: 'user',
  user_id: 'user123'
});

// Send message
socket.emit('send_message', {
  room_id: 'room123',
  message: 'Hello, I need help with my account',
  user_type: 'user',
  user_id: 'user123'
});

// Listen for messages
socket.on('new_message', (data) => {
  console.log('New message:', data);
});
