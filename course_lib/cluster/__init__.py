"""More than one process, more than one machine: pictures over Ray Data, training over tf.distribute."""
